import { webAssembly, type WebAssemblyMemory } from './interface.ts';

/**
 * Instructions in WebAssembly's binary format, as bytes (W3C, "WebAssembly Core Specification 2.0", section 5). Code
 * that computes a value leaves it on the stack. Larger pieces of code are built from smaller ones.
 */
export type Code = readonly number[];

const VALUE_TYPES = { i32: 0x7f, f32: 0x7d, f64: 0x7c, v128: 0x7b } as const;
export type ValueType = keyof typeof VALUE_TYPES;
/** Element type of a vector: four float32 numbers or two float64 numbers. */
export type NumberType = 'float32' | 'float64';

export const VECTOR_BYTES = 16;

const OPCODES = {
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  branchIf: 0x0d,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  i32Load: 0x28,
  f32Load: 0x2a,
  f64Load: 0x2b,
  f32Store: 0x38,
  f64Store: 0x39,
  i32Const: 0x41,
  i32Add: 0x6a,
  vectorPrefix: 0xfd,
} as const;
const SECTIONS = { type: 1, import: 2, function: 3, export: 7, code: 10 } as const;
const MAGIC_AND_VERSION: Code = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const FUNCTION_TYPE = 0x60;
const EMPTY_BLOCK = 0x40;
const FUNCTION_KIND = 0x00;
const MEMORY_KIND = 0x02;
/** log₂ of the alignment in bytes. It is a hint: unaligned addresses work too. */
const ALIGNMENT = 2;

/** Unsigned LEB128. */
function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

/** Signed LEB128. */
function signed(value: number): number[] {
  return value >= -0x40 && value < 0x40 ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(value >> 7)];
}

const withSize = (content: Code): number[] => [...unsigned(content.length), ...content];
const listOf = (items: readonly Code[]): number[] => [...unsigned(items.length), ...items.flat()];
const section = (id: number, items: readonly Code[]): number[] => [id, ...withSize(listOf(items))];
const nameOf = (text: string): number[] => withSize([...new TextEncoder().encode(text)]);
const vectorInstruction = (code: number, ...immediates: Code): Code => [
  OPCODES.vectorPrefix,
  ...unsigned(code),
  ...immediates,
];
const access = (opcode: number, offset: number): Code => [opcode, ALIGNMENT, ...unsigned(offset)];

/** Pieces of code, one after the other. */
export const sequence = (...parts: readonly Code[]): Code => parts.flat();

/** Value of a local, which is a parameter or a local variable, by index. */
export const get = (local: number): Code => [OPCODES.localGet, ...unsigned(local)];
/** local = value */
export const set = (local: number, value: Code): Code => [...value, OPCODES.localSet, ...unsigned(local)];
/** A 32-bit integer. */
export const constant = (value: number): Code => [OPCODES.i32Const, ...signed(value)];
/** Sum of two 32-bit integers. */
export const addIntegers = (a: Code, b: Code): Code => [...a, ...b, OPCODES.i32Add];
/** The 32-bit integer at `address + offset`. */
export const loadInteger = (address: Code, offset = 0): Code => [...address, ...access(OPCODES.i32Load, offset)];

/** local += by */
export const advance = (local: number, by: Code): Code => set(local, addIntegers(get(local), by));

/** Runs the body as many times as the local `counter` says, at least once. Leaves 0 in `counter`. */
export const repeat = (counter: number, ...body: readonly Code[]): Code => [
  OPCODES.loop,
  EMPTY_BLOCK,
  ...body.flat(),
  ...addIntegers(get(counter), constant(-1)),
  OPCODES.localTee,
  ...unsigned(counter),
  OPCODES.branchIf,
  0,
  OPCODES.end,
];

/** Runs `whenTrue` where the condition is not zero, else `whenFalse`. */
export const ifElse = (condition: Code, whenTrue: Code, whenFalse: Code): Code => [
  ...condition,
  OPCODES.if,
  EMPTY_BLOCK,
  ...whenTrue,
  OPCODES.else,
  ...whenFalse,
  OPCODES.end,
];

/** The vector at `address + offset`. */
export const loadVector = (address: Code, offset = 0): Code => [
  ...address,
  ...vectorInstruction(0x00, ALIGNMENT, ...unsigned(offset)),
];
/** Writes a vector to `address + offset`. */
export const storeVector = (address: Code, value: Code, offset = 0): Code => [
  ...address,
  ...value,
  ...vectorInstruction(0x0b, ALIGNMENT, ...unsigned(offset)),
];
/** Two float32 numbers at `address + offset`, as a vector of float64. */
export const loadWidened = (address: Code, offset = 0): Code => [
  ...address,
  ...vectorInstruction(0x5d, ALIGNMENT, ...unsigned(offset)),
  ...vectorInstruction(0x5f),
];
export const zeroVector: Code = vectorInstruction(0x0c, ...new Uint8Array(VECTOR_BYTES));

/** Operations on numbers of a type, and element by element on vectors of them. */
export function vectorsOf(type: NumberType) {
  const is32 = type === 'float32';
  const arithmetic = (code32: number): Code => vectorInstruction(is32 ? code32 : code32 + 12);
  const binary = (code32: number) => {
    const instruction = arithmetic(code32);
    return (a: Code, b: Code): Code => [...a, ...b, ...instruction];
  };
  return {
    /** Numbers in a vector. */
    lanes: is32 ? 4 : 2,
    /** Bytes of a number. */
    bytes: is32 ? 4 : 8,
    /** The type of a single number. */
    scalar: is32 ? ('f32' as const) : ('f64' as const),
    loadScalar: (address: Code, offset = 0): Code => [
      ...address,
      ...access(is32 ? OPCODES.f32Load : OPCODES.f64Load, offset),
    ],
    storeScalar: (address: Code, value: Code, offset = 0): Code => [
      ...address,
      ...value,
      ...access(is32 ? OPCODES.f32Store : OPCODES.f64Store, offset),
    ],
    /** A vector whose every lane is the number at `address`. */
    loadSplat: (address: Code): Code => [...address, ...vectorInstruction(is32 ? 0x09 : 0x0a, ALIGNMENT, 0)],
    /** A vector whose every lane is the number `value`. */
    splat: (value: Code): Code => [...value, ...vectorInstruction(is32 ? 0x13 : 0x14)],
    squareRoot: (a: Code): Code => [...a, ...arithmetic(0xe3)],
    add: binary(0xe4),
    subtract: binary(0xe5),
    multiply: binary(0xe6),
    divide: binary(0xe7),
    minimum: binary(0xe8),
    maximum: binary(0xe9),
    /** b < a ? b : a, element by element: a where one is NaN. Faster than `minimum`, which is NaN there. */
    smaller: binary(0xea),
    /** a < b ? b : a */
    larger: binary(0xeb),
  };
}

/** Numbers a function's local variables, whose indices follow its parameters'. */
export class Locals {
  readonly types: ValueType[] = [];
  readonly #first: number;

  constructor(parameterCount: number) {
    this.#first = parameterCount;
  }

  /** @returns the index of a new local variable */
  add(type: ValueType): number {
    this.types.push(type);
    return this.#first + this.types.length - 1;
  }
}

/** A function without a result. */
export interface KernelFunction {
  readonly name: string;
  readonly parameters: readonly ValueType[];
  /** Types of the local variables, which start at 0. */
  readonly locals: readonly ValueType[];
  readonly body: Code;
}

/** A binary module. It imports its memory as `host.memory` and exports the functions by name. */
function assemble(functions: readonly KernelFunction[]): Uint8Array<ArrayBuffer> {
  const typesOf = (values: readonly ValueType[]): number[] => listOf(values.map((type) => [VALUE_TYPES[type]]));
  const functionTypes = functions.map(({ parameters }) => [FUNCTION_TYPE, ...typesOf(parameters), 0]);
  const memory = [...nameOf('host'), ...nameOf('memory'), MEMORY_KIND, 0, 1]; // one page at least
  const typeIndices = functions.map((_, index) => unsigned(index));
  const exported = functions.map(({ name }, index) => [...nameOf(name), FUNCTION_KIND, ...unsigned(index)]);
  const bodies = functions.map(({ locals, body }) =>
    withSize([...listOf(locals.map((type) => [1, VALUE_TYPES[type]])), ...body, OPCODES.end]),
  );
  return Uint8Array.from([
    ...MAGIC_AND_VERSION,
    ...section(SECTIONS.type, functionTypes),
    ...section(SECTIONS.import, [memory]),
    ...section(SECTIONS.function, typeIndices),
    ...section(SECTIONS.export, exported),
    ...section(SECTIONS.code, bodies),
  ]);
}

/** Assembles and compiles functions that work on a memory. @returns an object with the functions by name */
export function instantiate(functions: readonly KernelFunction[], memory: WebAssemblyMemory): unknown {
  const module = new webAssembly.Module(assemble(functions));
  return new webAssembly.Instance(module, { host: { memory } }).exports;
}
