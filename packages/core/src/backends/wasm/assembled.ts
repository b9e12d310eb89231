import {
  advance,
  constant,
  get,
  instantiate,
  loadVector,
  loadWidened,
  Locals,
  repeat,
  sequence,
  set,
  storeVector,
  VECTOR_BYTES,
  vectorsOf,
  type Code,
  type KernelFunction,
  type WebAssemblyMemory,
} from '@motley/webassembly';
import type { WasmBackend } from './memory.ts';

/** How an operand is read: one number for each place, or one number for all. */
type Access = 'each' | 'one';
export type Extreme = 'minimum' | 'maximum';

type ExtremeName = `${Extreme} of ${Access} and ${Access}`;

/** Kernels on the memory of the backend. Addresses are in bytes; they take whole blocks, at least one. */
export type AssembledKernels = {
  /** output = min(max(x, low), high), `BLOCK` numbers at a time. */
  readonly clip: (x: number, output: number, blocks: number, low: number, high: number) => void;
  /** Writes two float64 numbers whose sum is that of the block's numbers, `BLOCK` at a time. */
  readonly sum: (x: number, output: number, blocks: number) => void;
  /** Adds numbers to float64 numbers, `BLOCK` at a time: totals += x */
  readonly accumulate: (x: number, totals: number, blocks: number) => void;
} & Readonly<Record<ExtremeName, (a: number, b: number, output: number, blocks: number) => void>>;

/** Numbers of a block: one turn of a kernel's loop. */
export const BLOCK = 16;

const floats = vectorsOf('float32');
const doubles = vectorsOf('float64');
const VECTORS = Array.from({ length: BLOCK / floats.lanes }, (_, index) => index * VECTOR_BYTES);
const BLOCK_BYTES = BLOCK * floats.bytes;

function clip(): KernelFunction {
  const [x, output, blocks, low, high] = [0, 1, 2, 3, 4];
  const locals = new Locals(5);
  const [lows, highs] = [locals.add('v128'), locals.add('v128')];
  // The first operand stays where it is NaN.
  const clipped = (offset: number) => floats.smaller(floats.larger(loadVector(get(x), offset), get(lows)), get(highs));
  const body = sequence(
    set(lows, floats.splat(get(low))),
    set(highs, floats.splat(get(high))),
    repeat(
      blocks,
      ...VECTORS.map((offset) => storeVector(get(output), clipped(offset), offset)),
      advance(x, constant(BLOCK_BYTES)),
      advance(output, constant(BLOCK_BYTES)),
    ),
  );
  return { name: 'clip', parameters: ['i32', 'i32', 'i32', 'f32', 'f32'], locals: locals.types, body };
}

function sum(): KernelFunction {
  const [x, output, blocks] = [0, 1, 2];
  const locals = new Locals(3);
  // Sums that do not wait for each other.
  const totals = Array.from({ length: BLOCK / doubles.lanes }, () => locals.add('v128'));
  const bytes = doubles.lanes * floats.bytes;
  const body = sequence(
    repeat(
      blocks,
      ...totals.map((total, index) => set(total, doubles.add(get(total), loadWidened(get(x), index * bytes)))),
      advance(x, constant(BLOCK_BYTES)),
    ),
    storeVector(get(output), totals.map(get).reduce(doubles.add)),
  );
  return { name: 'sum', parameters: ['i32', 'i32', 'i32'], locals: locals.types, body };
}

function accumulate(): KernelFunction {
  const [x, totals, blocks] = [0, 1, 2];
  const pairs = Array.from({ length: BLOCK / doubles.lanes }, (_, index) => index);
  const body = repeat(
    blocks,
    ...pairs.map((pair) => {
      const widened = loadWidened(get(x), pair * doubles.lanes * floats.bytes);
      const offset = pair * VECTOR_BYTES;
      return storeVector(get(totals), doubles.add(loadVector(get(totals), offset), widened), offset);
    }),
    advance(x, constant(BLOCK_BYTES)),
    advance(totals, constant(BLOCK * doubles.bytes)),
  );
  return { name: 'accumulate', parameters: ['i32', 'i32', 'i32'], locals: [], body };
}

function extreme(name: Extreme, first: Access, second: Access): KernelFunction {
  const [a, b, output, blocks] = [0, 1, 2, 3];
  const read = (operand: number, access: Access, offset: number): Code =>
    access === 'one' ? floats.loadSplat(get(operand)) : loadVector(get(operand), offset);
  const step = (operand: number, access: Access): Code =>
    access === 'one' ? [] : advance(operand, constant(BLOCK_BYTES));
  const body = repeat(
    blocks,
    ...VECTORS.map((offset) =>
      storeVector(get(output), floats[name](read(a, first, offset), read(b, second, offset)), offset),
    ),
    step(a, first),
    step(b, second),
    advance(output, constant(BLOCK_BYTES)),
  );
  return { name: `${name} of ${first} and ${second}`, parameters: ['i32', 'i32', 'i32', 'i32'], locals: [], body };
}

const compiled = new WeakMap<WebAssemblyMemory, AssembledKernels>();

/** The kernels. Undefined where the memory cannot be reached: that of the threaded module is hidden. */
export function assembledKernels({ wasm }: WasmBackend): AssembledKernels | undefined {
  const memory = wasm.asm?.memory;
  if (memory === undefined) return undefined;
  const known = compiled.get(memory);
  if (known !== undefined) return known;
  const extremes = (['minimum', 'maximum'] as const).flatMap((name) =>
    (['each', 'one'] as const).flatMap((first) =>
      (['each', 'one'] as const).map((second) => extreme(name, first, second)),
    ),
  );
  const kernels = instantiate([clip(), sum(), accumulate(), ...extremes], memory) as AssembledKernels;
  compiled.set(memory, kernels);
  return kernels;
}
