export { executeSweep, type SweepExecution } from './execute-sweep.ts';
export { addSweepOptions, type SweepOptions } from './options.ts';
