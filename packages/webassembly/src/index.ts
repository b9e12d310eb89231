/** A small assembler for kernels in WebAssembly with SIMD; runs in a browser too. */
export {
  addIntegers,
  advance,
  assemble,
  choose,
  constant,
  get,
  loadInteger,
  loadVector,
  Locals,
  repeat,
  set,
  storeVector,
  VECTOR_BYTES,
  vectorsOf,
  zeroVector,
  type AssembledFunction,
  type Code,
  type NumberType,
  type ValueType,
} from './assembler.ts';
export { webAssembly, type WebAssemblyMemory } from './interface.ts';
