export { executeSweep } from './execute-sweep.ts';
