/**
 * WebAssembly's binary format (W3C, "WebAssembly Core Specification 2.0", section 5), as far as the matrix kernel needs
 * it: instructions are lists of bytes, and larger pieces of code are put together from smaller ones.
 */
export type Code = readonly number[];

const I32 = 0x7f;
const V128 = 0x7b;
const NO_RESULT = 0x40;

/** Unsigned LEB128. */
function unsigned(value: number): number[] {
  const bytes: number[] = [];
  do {
    const low = value & 0x7f;
    value >>>= 7;
    bytes.push(value === 0 ? low : low | 0x80);
  } while (value !== 0);
  return bytes;
}

/** Signed LEB128 of a number that is not negative. */
function signed(value: number): number[] {
  const bytes: number[] = [];
  for (;;) {
    const low = value & 0x7f;
    value >>= 7;
    if (value === 0 && (low & 0x40) === 0) return [...bytes, low];
    bytes.push(low | 0x80);
  }
}

const vectorCode = (code: number, ...immediates: number[]): Code => [0xfd, ...unsigned(code), ...immediates];

export const get = (local: number): Code => [0x20, ...unsigned(local)];
export const set = (local: number): Code => [0x21, ...unsigned(local)];
export const constant = (value: number): Code => [0x41, ...signed(value)];
export const add: Code = [0x6a];
/** A 32-bit integer from the address on the stack. */
export const loadInteger = (offset: number): Code => [0x28, 2, ...unsigned(offset)];
/** local += by */
export const advance = (local: number, by: number): Code => [...get(local), ...constant(by), ...add, ...set(local)];

/** `body` as often as the counter says, at least once; the counter is 0 then. */
export const repeat = (counter: number, body: Code): Code => [
  ...[0x03, NO_RESULT, ...body],
  ...[...get(counter), ...constant(1), 0x6b, 0x22, ...unsigned(counter), 0x0d, 0],
  0x0b,
];

/** One or the other, by whether the condition is not zero. */
export const choose = (condition: Code, one: Code, other: Code): Code => [
  ...[...condition, 0x04, NO_RESULT, ...one],
  ...[0x05, ...other, 0x0b],
];

export const loadVector = (offset: number): Code => vectorCode(0x00, 0, ...unsigned(offset));
export const storeVector = (offset: number): Code => vectorCode(0x0b, 0, ...unsigned(offset));
export const zeroVector = vectorCode(0x0c, ...new Array<number>(16).fill(0));

/** What differs between types: vectors of four and of two numbers. */
export const numbers = {
  float32: {
    bytes: 4,
    load: [0x2a, 0, 0] as Code,
    store: [0x38, 0, 0] as Code,
    /** The number at an address in all places of a vector. */
    splat: vectorCode(0x09, 0, 0),
    addVectors: vectorCode(0xe4),
    multiplyVectors: vectorCode(0xe6),
  },
  float64: {
    bytes: 8,
    load: [0x2b, 0, 0] as Code,
    store: [0x39, 0, 0] as Code,
    splat: vectorCode(0x0a, 0, 0),
    addVectors: vectorCode(0xf0),
    multiplyVectors: vectorCode(0xf2),
  },
} as const;

/** Hands out a function's locals: its parameters first, then integers, then vectors. */
export class Locals {
  readonly #parameters: number;
  readonly #integers: number;
  readonly #vectors: number;
  #nextInteger: number;
  #nextVector: number;

  constructor(counts: { readonly parameters: number; readonly integers: number; readonly vectors: number }) {
    this.#parameters = counts.parameters;
    this.#integers = counts.integers;
    this.#vectors = counts.vectors;
    this.#nextInteger = 0;
    this.#nextVector = counts.parameters + counts.integers;
  }

  get parameterCount(): number {
    return this.#parameters;
  }

  /** The next integer: parameters in their order, then the others. */
  integer(): number {
    return this.#nextInteger++;
  }

  vector(): number {
    return this.#nextVector++;
  }

  get declaration(): Code {
    return [2, ...unsigned(this.#integers), I32, ...unsigned(this.#vectors), V128];
  }
}

/** A function without result, whose parameters are integers. */
export interface ModuleFunction {
  readonly name: string;
  readonly locals: Locals;
  readonly body: Code;
}

const sized = (content: Code): number[] => [...unsigned(content.length), ...content];
const list = (items: readonly Code[]): number[] => [...unsigned(items.length), ...items.flat()];
const section = (id: number, items: readonly Code[]): number[] => [id, ...sized(list(items))];
const named = (text: string): number[] => sized([...new TextEncoder().encode(text)]);

/** A module that imports `host.memory` and exports the functions. */
export function assemble(functions: readonly ModuleFunction[]): Uint8Array<ArrayBuffer> {
  const types = functions.map(({ locals }) => [0x60, ...sized(new Array<number>(locals.parameterCount).fill(I32)), 0]);
  const memory = [...named('host'), ...named('memory'), 0x02, 0x00, 1]; // at least one page
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0], // magic, version
    ...section(1, types),
    ...section(2, [memory]),
    ...section(
      3,
      functions.map((_, index) => unsigned(index)),
    ),
    ...section(
      7,
      functions.map(({ name }, index) => [...named(name), 0x00, ...unsigned(index)]),
    ),
    ...section(
      10,
      functions.map(({ locals, body }) => sized([...locals.declaration, ...body, 0x0b])),
    ),
  ]);
}
