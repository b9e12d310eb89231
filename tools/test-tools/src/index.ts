export { describeInBrowser, modulesLoadedWith } from './bundles.ts';
export { nativeGate, type NativeGate } from './native-gate.ts';
export { runProgram, type Ended, type ProgramOptions } from './run-program.ts';
