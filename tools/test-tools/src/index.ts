export { describeInBrowser, modulesLoadedWith } from './bundles.ts';
export { runProgram, type Ended, type ProgramOptions } from './run-program.ts';
