export { executeStudies } from './execute-study.ts';
