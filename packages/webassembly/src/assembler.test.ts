import { describe, expect, it } from 'vitest';
import {
  addIntegers,
  advance,
  constant,
  get,
  ifElse,
  instantiate,
  loadInteger,
  loadVector,
  loadWidened,
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
} from './assembler.ts';
import { webAssembly } from './interface.ts';

/** A module's functions and its memory. */
function load(...functions: readonly KernelFunction[]) {
  const memory = new webAssembly.Memory({ initial: 1 });
  const exports = instantiate(functions, memory) as Record<string, (...values: readonly number[]) => void>;
  return { memory: memory.buffer, exports };
}

/** i32.store: the 32-bit integer at `address` = value */
const storeInteger = (address: Code, value: Code): Code => [...address, ...value, 0x36, 2, 0];

const BOUNDARIES = [0, 1, 63, 64, 127, 128, 8191, 8192, 2 ** 20, 2 ** 31 - 1];

it.each(BOUNDARIES.flatMap((value) => [value, -value - 1]))('encodes the constant %d', (value) => {
  const body = storeInteger(constant(0), constant(value));
  const { memory, exports } = load({ name: 'f', parameters: [], locals: ['i32'], body });
  exports.f!();
  expect(new Int32Array(memory)[0]).toBe(value);
});

it('encodes names, counts and indices that take more than one byte', () => {
  const name = 'ä'.repeat(100);
  const names = Array.from({ length: 200 }, (_, index) => `${name}${index}`);
  const functions = names.map((each, index) => {
    const locals = new Locals(150);
    const indices = Array.from({ length: 100 }, () => locals.add('i32'));
    expect(indices[0]).toBe(150);
    const last = indices[99]!;
    const body = sequence(set(last, constant(index)), storeInteger(constant(0), addIntegers(get(last), get(149))));
    return { name: each, parameters: Array.from({ length: 150 }, () => 'i32' as const), locals: locals.types, body };
  });
  const { memory, exports } = load(...functions);
  expect(Object.keys(exports)).toEqual(names);
  exports[names[199]!]!(...Array.from({ length: 150 }, (_, index) => 10 * index));
  expect(new Int32Array(memory)[0]).toBe(199 + 1490);
});

describe('control flow', () => {
  it('repeats a body as many times as the counter says, and leaves 0 in it', () => {
    const { memory, exports } = load({
      name: 'f',
      parameters: ['i32'],
      locals: ['i32'],
      body: sequence(repeat(0, advance(1, constant(3))), storeInteger(constant(0), addIntegers(get(1), get(0)))),
    });
    exports.f!(7);
    expect(new Int32Array(memory)[0]).toBe(21);
    exports.f!(1);
    expect(new Int32Array(memory)[0]).toBe(3);
  });

  it.each([
    [0, 20],
    [1, 10],
    [-5, 10],
  ])('branches on the condition %d', (condition, expected) => {
    const body = sequence(
      ifElse(get(0), set(1, constant(10)), set(1, constant(20))),
      storeInteger(constant(4), get(1)),
    );
    const { memory, exports } = load({ name: 'f', parameters: ['i32'], locals: ['i32'], body });
    exports.f!(condition);
    expect(new Int32Array(memory)[1]).toBe(expected);
  });

  it('loads an integer from an address and an offset', () => {
    const body = storeInteger(constant(0), loadInteger(get(0), 1000));
    const { memory, exports } = load({ name: 'f', parameters: ['i32'], locals: [], body });
    new Int32Array(memory)[252] = -77;
    exports.f!(8);
    expect(new Int32Array(memory)[0]).toBe(-77);
  });
});

describe.each(['float32', 'float64'] satisfies NumberType[])('vectors of %s', (type) => {
  const operations = vectorsOf(type);
  const { bytes, lanes, scalar } = operations;
  const arrayOf = (memory: ArrayBuffer) => (type === 'float32' ? new Float32Array(memory) : new Float64Array(memory));
  const [a, b] = [[1.5, -2, 3.25, 0.5].slice(0, lanes), [4, 0.5, -8, 2].slice(0, lanes)];

  it.each([
    ['add', (x: number, y: number) => x + y],
    ['subtract', (x: number, y: number) => x - y],
    ['multiply', (x: number, y: number) => x * y],
    ['divide', (x: number, y: number) => x / y],
    ['minimum', Math.min],
    ['maximum', Math.max],
    ['smaller', Math.min],
    ['larger', Math.max],
  ] as const)('%s', (name, expected) => {
    const result = operations[name](loadVector(constant(0)), loadVector(constant(0), VECTOR_BYTES));
    const body = storeVector(constant(2 * VECTOR_BYTES), result);
    const { memory, exports } = load({ name: 'f', parameters: [], locals: [], body });
    const values = arrayOf(memory);
    values.set([...a, ...b]);
    exports.f!();
    expect([...values.subarray(2 * lanes, 3 * lanes)]).toEqual(a.map((x, index) => expected(x, b[index]!)));
  });

  it.each([
    ['minimum', NaN, NaN],
    ['maximum', NaN, NaN],
    ['smaller', NaN, 1],
    ['larger', NaN, 1],
  ] as const)('%s of NaN and 1 is %d, of 1 and NaN %d', (name, first, second) => {
    const of = (x: number, y: number) => operations[name](loadVector(constant(x)), loadVector(constant(y)));
    const body = sequence(
      storeVector(constant(2 * VECTOR_BYTES), of(0, VECTOR_BYTES)),
      storeVector(constant(3 * VECTOR_BYTES), of(VECTOR_BYTES, 0)),
    );
    const { memory, exports } = load({ name: 'f', parameters: [], locals: [], body });
    const values = arrayOf(memory);
    values.fill(NaN, 0, lanes).fill(1, lanes, 2 * lanes);
    exports.f!();
    expect([values[2 * lanes], values[3 * lanes]]).toEqual([first, second]);
  });

  it('computes square roots, zeros, splats of a number in memory and of a parameter, and copies a scalar', () => {
    const { squareRoot, loadSplat, splat, loadScalar, storeScalar } = operations;
    const storeAt = (place: number, value: Code): Code => storeVector(constant(place * VECTOR_BYTES), value);
    const body = sequence(
      storeAt(1, squareRoot(loadVector(constant(0)))),
      storeAt(2, zeroVector),
      storeAt(3, loadSplat(constant(0))),
      storeAt(4, splat(get(0))),
      storeScalar(constant(5 * VECTOR_BYTES), loadScalar(constant(0)), bytes),
      storeScalar(constant(6 * VECTOR_BYTES), loadScalar(constant(0), bytes)),
    );
    const { memory, exports } = load({ name: 'f', parameters: [scalar], locals: [], body });
    const values = arrayOf(memory);
    values.set([4, 9, 16, 25].slice(0, lanes));
    values.fill(7, 2 * lanes, 3 * lanes);
    exports.f!(2.5);
    const at = (place: number): number[] => [...values.subarray(place * lanes, (place + 1) * lanes)];
    expect(at(1)).toEqual([2, 3, 4, 5].slice(0, lanes));
    expect(at(2)).toEqual(a.map(() => 0));
    expect(at(3)).toEqual(a.map(() => 4));
    expect(at(4)).toEqual(a.map(() => 2.5));
    expect(at(5).slice(0, 2)).toEqual([0, 4]);
    expect(at(6)[0]).toBe(9);
  });
});

it('widens float32 numbers to float64', () => {
  const body = storeVector(constant(VECTOR_BYTES), loadWidened(get(0), 4));
  const { memory, exports } = load({ name: 'f', parameters: ['i32'], locals: [], body });
  new Float32Array(memory).set([9, 0.1, -2.5, 9], 0);
  exports.f!(0);
  expect([...new Float64Array(memory, VECTOR_BYTES, 2)]).toEqual([Math.fround(0.1), -2.5]);
});
