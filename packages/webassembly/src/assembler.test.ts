import { describe, expect, it } from 'vitest';
import {
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
} from './assembler.ts';
import { webAssembly } from './interface.ts';

/** A module's functions, and the memory that they work on. */
function instantiate(...functions: readonly AssembledFunction[]) {
  const memory = new webAssembly.Memory({ initial: 1 });
  const { exports } = new webAssembly.Instance(new webAssembly.Module(assemble(functions)), { host: { memory } });
  return { memory: memory.buffer, exports: exports as Record<string, (...values: readonly number[]) => void> };
}

/** `int32[0] = value of the code` */
function valueOf(code: Code, parameters: readonly number[] = []): number {
  // i32.store
  const body = [...constant(0), ...code, 0x36, 2, 0];
  const { memory, exports } = instantiate({
    name: 'f',
    parameters: parameters.map(() => 'i32'),
    locals: ['i32'],
    body,
  });
  exports.f!(...parameters);
  return new Int32Array(memory)[0]!;
}

const LIMITS = [0, 1, 63, 64, 127, 128, 8191, 8192, 2 ** 20, 2 ** 31 - 1];

it.each(LIMITS.flatMap((value) => [value, -value - 1]))('the constant %d is read as it was written', (value) => {
  expect(valueOf(constant(value))).toBe(value);
});

it('has names and numbers of more than one byte', () => {
  const name = 'ä'.repeat(100);
  const names = Array.from({ length: 200 }, (_, index) => `${name}${index}`);
  const functions = names.map((each, index) => {
    const locals = new Locals(150);
    const numbers = Array.from({ length: 100 }, () => locals.add('i32'));
    expect(numbers[0]).toBe(150);
    const body = [...constant(index), ...set(numbers[99]!), ...constant(0), ...get(numbers[99]!), ...get(149), ...addIntegers, 0x36, 2, 0]; // prettier-ignore
    return { name: each, parameters: Array.from({ length: 150 }, () => 'i32' as const), locals: locals.types, body };
  });
  const { memory, exports } = instantiate(...functions);
  expect(Object.keys(exports)).toEqual(names);
  exports[names[199]!]!(...Array.from({ length: 150 }, (_, index) => 10 * index));
  expect(new Int32Array(memory)[0]).toBe(199 + 1490);
});

describe('control', () => {
  it('repeats a body as often as a counter says', () => {
    const body = repeat(0, advance(1, constant(3)));
    const { memory, exports } = instantiate({
      name: 'f',
      parameters: ['i32'],
      locals: ['i32'],
      body: [...body, ...constant(0), ...get(1), ...get(0), ...addIntegers, 0x36, 2, 0],
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
  ])('chooses by a condition: %d', (condition, expected) => {
    const code = choose(get(0), [...constant(10), ...set(1)], [...constant(20), ...set(1)]);
    const parameters = ['i32'] as const;
    const body = [...code, ...constant(4), ...get(1), 0x36, 2, 0];
    const { memory, exports } = instantiate({ name: 'f', parameters, locals: ['i32'], body });
    exports.f!(condition);
    expect(new Int32Array(memory)[1]).toBe(expected);
  });

  it('loads integers from an address and an offset', () => {
    const { memory, exports } = instantiate({
      name: 'f',
      parameters: ['i32'],
      locals: [],
      body: [...constant(0), ...get(0), ...loadInteger(1000), 0x36, 2, 0],
    });
    new Int32Array(memory)[252] = -77;
    exports.f!(8);
    expect(new Int32Array(memory)[0]).toBe(-77);
  });
});

describe.each(['float32', 'float64'] satisfies NumberType[])('vectors of %s', (type) => {
  const numbers = vectorsOf(type);
  const arrayOf = (memory: ArrayBuffer) => (type === 'float32' ? new Float32Array(memory) : new Float64Array(memory));
  const { lanes } = numbers;
  const [a, b] = [[1.5, -2, 3.25, 0.5].slice(0, lanes), [4, 0.5, -8, 2].slice(0, lanes)];

  it.each([
    ['add', (x: number, y: number) => x + y],
    ['subtract', (x: number, y: number) => x - y],
    ['multiply', (x: number, y: number) => x * y],
    ['divide', (x: number, y: number) => x / y],
    ['minimum', Math.min],
    ['maximum', Math.max],
  ] as const)('%s', (name, expected) => {
    const body = [
      ...[...constant(2 * VECTOR_BYTES), ...constant(0), ...loadVector(0)],
      ...[...constant(0), ...loadVector(VECTOR_BYTES), ...numbers[name], ...storeVector(0)],
    ];
    const { memory, exports } = instantiate({ name: 'f', parameters: [], locals: [], body });
    const values = arrayOf(memory);
    values.set([...a, ...b]);
    exports.f!();
    expect([...values.subarray(2 * lanes, 3 * lanes)]).toEqual(a.map((x, index) => expected(x, b[index]!)));
  });

  it('square roots, zeros, and one number in all places, from memory and from a parameter', () => {
    const store = (at: number, code: Code): Code => [...constant(at * VECTOR_BYTES), ...code, ...storeVector(0)];
    const body = [
      ...store(1, [...constant(0), ...loadVector(0), ...numbers.squareRoot]),
      ...store(2, zeroVector),
      ...store(3, [...constant(0), ...numbers.loadSplat]),
      ...store(4, [...get(0), ...numbers.splat]),
      ...[...constant(5 * VECTOR_BYTES), ...constant(0), ...numbers.loadScalar, ...numbers.storeScalar(numbers.bytes)],
    ];
    const { memory, exports } = instantiate({ name: 'f', parameters: [numbers.scalar], locals: [], body });
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
  });
});
