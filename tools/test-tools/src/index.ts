export { describeInBrowser, modulesLoadedWith } from './bundles.ts';
export { hashNoise } from './hash-noise.ts';
export { nativeGate, type NativeGate } from './native-gate.ts';
export { runProgram, type Ended, type ProgramOptions } from './run-program.ts';
export { legacyTorchFile, pickle, pickled } from './files/pickles.ts';
export { sortedTable, type TableEntry, varint } from './files/sorted-table.ts';
