import {
  advance,
  constant,
  get,
  instantiate,
  loadVector,
  repeat,
  storeVector,
  VECTOR_BYTES,
  vectorsOf,
  webAssembly,
} from '@motley/webassembly';

// y += a · x, a vector of four numbers at a time
const { add, multiply, scalar, splat } = vectorsOf('float32');
const [x, y, vectors, a] = [0, 1, 2, 3]; // parameters, by index
const body = repeat(
  vectors,
  storeVector(get(y), add(loadVector(get(y)), multiply(splat(get(a)), loadVector(get(x))))),
  advance(x, constant(VECTOR_BYTES)),
  advance(y, constant(VECTOR_BYTES)),
);

const memory = new webAssembly.Memory({ initial: 1 }); // pages of 64 KiB
const kernels = instantiate([{ name: 'axpy', parameters: ['i32', 'i32', 'i32', scalar], locals: [], body }], memory);
const { axpy } = kernels as { axpy: (x: number, y: number, vectors: number, a: number) => void };

const numbers = new Float32Array(memory.buffer);
numbers.set([1, 2, 3, 4, 5, 6, 7, 8], 0); // x
numbers.set([10, 20, 30, 40, 50, 60, 70, 80], 8); // y
axpy(0, 8 * numbers.BYTES_PER_ELEMENT, 2, 0.5); // addresses are in bytes
console.log(numbers.subarray(8, 16).join(' ')); // 10.5 21 31.5 42 52.5 63 73.5 84
