export { executeStudies, type StudyExecution } from './execute-study.ts';
export { addStudyOptions, type StudyOptions } from './options.ts';
