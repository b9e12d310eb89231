/** Assembler for WebAssembly kernels with SIMD. Runs in browsers too. */
export {
  addIntegers,
  advance,
  constant,
  get,
  ifElse,
  instantiate,
  loadInteger,
  loadVector,
  Locals,
  repeat,
  sequence,
  set,
  storeVector,
  VECTOR_BYTES,
  vectorsOf,
  zeroVector,
  type Code,
  type KernelFunction,
  type NumberType,
  type ValueType,
} from './assembler.ts';
export { webAssembly, type WebAssemblyMemory } from './interface.ts';
