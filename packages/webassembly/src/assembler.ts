/**
 * WebAssembly's binary format (W3C, "WebAssembly Core Specification 2.0", section 5), as far as kernels of numbers need
 * it: instructions are lists of bytes, and larger pieces of code are put together from smaller ones.
 */
export type Code = readonly number[];

const VALUE_TYPES = { i32: 0x7f, f32: 0x7d, f64: 0x7c, v128: 0x7b } as const;
export type ValueType = keyof typeof VALUE_TYPES;
/** What a vector is filled with: four numbers of float32, or two of float64. */
export type NumberType = 'float32' | 'float64';

export const VECTOR_BYTES = 16;

const FUNCTION = 0x60;
const EMPTY_BLOCK = 0x40;
const MEMORY = 0x02;
/** Of an address, log₂: what is not aligned so is read all the same. */
const ALIGNMENT = 2;

/** Unsigned LEB128. */
function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

/** Signed LEB128. */
function signed(value: number): number[] {
  return value >= -0x40 && value < 0x40 ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(value >> 7)];
}

const sized = (content: Code): number[] => [...unsigned(content.length), ...content];
const listed = (items: readonly Code[]): number[] => [...unsigned(items.length), ...items.flat()];
const section = (id: number, items: readonly Code[]): number[] => [id, ...sized(listed(items))];
const named = (text: string): number[] => sized([...new TextEncoder().encode(text)]);
const vector = (code: number, ...immediates: Code): Code => [0xfd, ...unsigned(code), ...immediates];

export const get = (local: number): Code => [0x20, ...unsigned(local)];
export const set = (local: number): Code => [0x21, ...unsigned(local)];
export const constant = (value: number): Code => [0x41, ...signed(value)];
export const addIntegers: Code = [0x6a];
/** A 32-bit integer from the address on the stack. */
export const loadInteger = (offset: number): Code => [0x28, ALIGNMENT, ...unsigned(offset)];

/** local += by */
export const advance = (local: number, by: Code): Code => [...get(local), ...by, ...addIntegers, ...set(local)];

/** Runs the body as often as the counter says, at least once; the counter is 0 then. */
export const repeat = (counter: number, body: Code): Code => [
  ...[0x03, EMPTY_BLOCK, ...body],
  ...[...get(counter), ...constant(-1), ...addIntegers, 0x22, ...unsigned(counter), 0x0d, 0, 0x0b],
];

/** One or the other, by whether the condition is not zero. */
export const choose = (condition: Code, one: Code, other: Code): Code => [
  ...[...condition, 0x04, EMPTY_BLOCK, ...one],
  ...[0x05, ...other, 0x0b],
];

export const loadVector = (offset: number): Code => vector(0x00, ALIGNMENT, ...unsigned(offset));
export const storeVector = (offset: number): Code => vector(0x0b, ALIGNMENT, ...unsigned(offset));
export const zeroVector: Code = vector(0x0c, ...new Uint8Array(VECTOR_BYTES));

/** What is done with numbers of a type, and with vectors of them. */
export function vectorsOf(type: NumberType) {
  const is32 = type === 'float32';
  const arithmetic = (code32: number): Code => vector(is32 ? code32 : code32 + 12);
  return {
    lanes: is32 ? 4 : 2,
    bytes: is32 ? 4 : 8,
    /** The type of a single number. */
    scalar: is32 ? ('f32' as const) : ('f64' as const),
    loadScalar: [is32 ? 0x2a : 0x2b, ALIGNMENT, 0] as Code,
    storeScalar: (offset: number): Code => [is32 ? 0x38 : 0x39, ALIGNMENT, ...unsigned(offset)],
    /** The number at an address in all places of a vector. */
    loadSplat: vector(is32 ? 0x09 : 0x0a, ALIGNMENT, 0),
    /** The number on the stack in all places of a vector. */
    splat: vector(is32 ? 0x13 : 0x14),
    squareRoot: arithmetic(0xe3),
    add: arithmetic(0xe4),
    subtract: arithmetic(0xe5),
    multiply: arithmetic(0xe6),
    divide: arithmetic(0xe7),
    minimum: arithmetic(0xe8),
    maximum: arithmetic(0xe9),
  };
}

/** Hands out the numbers of a function's locals, which come after its parameters. */
export class Locals {
  readonly types: ValueType[] = [];
  readonly #first: number;

  constructor(parameterCount: number) {
    this.#first = parameterCount;
  }

  add(type: ValueType): number {
    this.types.push(type);
    return this.#first + this.types.length - 1;
  }
}

/** A function without result. */
export interface AssembledFunction {
  readonly name: string;
  readonly parameters: readonly ValueType[];
  /** After the parameters. */
  readonly locals: readonly ValueType[];
  readonly body: Code;
}

/** A module of functions that work on the memory `host.memory`, which it imports. */
export function assemble(functions: readonly AssembledFunction[]): Uint8Array<ArrayBuffer> {
  const types = (values: readonly ValueType[]): number[] => listed(values.map((type) => [VALUE_TYPES[type]]));
  const code = ({ locals, body }: AssembledFunction): number[] =>
    sized([...listed(locals.map((type) => [1, VALUE_TYPES[type]])), ...body, 0x0b]);
  const header = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0]; // magic, version
  return Uint8Array.from([
    ...header,
    ...section(1, functions.map(({ parameters }) => [FUNCTION, ...types(parameters), 0])), // prettier-ignore
    ...section(2, [[...named('host'), ...named('memory'), MEMORY, 0, 1]]), // at least one page
    ...section(3, functions.map((_, index) => unsigned(index))), // prettier-ignore
    ...section(7, functions.map(({ name }, index) => [...named(name), 0, ...unsigned(index)])), // prettier-ignore
    ...section(10, functions.map(code)),
  ]);
}
