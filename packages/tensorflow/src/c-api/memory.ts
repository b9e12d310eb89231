import koffi from '../koffi.ts';
import type { Memory } from './declarations.ts';
import type { Pointer } from './types.ts';

const libc = koffi.load(process.platform === 'win32' ? 'msvcrt.dll' : null);
const memcpy = libc.func('void memcpy(void*, void*, size_t)') as (to: Memory, from: Memory, bytes: number) => void;

/** Copies `bytes` bytes between native addresses or typed arrays. */
export function copyMemory(to: Memory, from: Memory, bytes: number): void {
  if (bytes > 0) memcpy(to, from, bytes);
}

/**
 * A block of native memory for out parameters, with views into it, so that calls need not allocate. It lives as long as
 * the process.
 */
export class Scratch {
  readonly pointer: Pointer;
  readonly #words: Uint32Array;
  readonly #integers: Int32Array;
  readonly capacity: number;

  /** @param capacity number of 8-byte cells */
  constructor(capacity: number) {
    this.capacity = capacity;
    this.pointer = koffi.alloc('uint64_t', capacity) as Pointer;
    const memory = koffi.view(this.pointer, capacity * 8);
    this.#words = new Uint32Array(memory);
    this.#integers = new Int32Array(memory);
  }

  /** The address in cell `index`, as a number: addresses stay below 2^53. */
  address(index: number): number {
    return this.#words[2 * index]! + this.#words[2 * index + 1]! * 0x1_0000_0000;
  }

  setAddress(index: number, address: Pointer): void {
    const value = Number(address);
    this.#words[2 * index] = value % 0x1_0000_0000;
    this.#words[2 * index + 1] = Math.floor(value / 0x1_0000_0000);
  }

  /** The first four bytes of cell `index` as a signed integer. */
  integer(index: number): number {
    return this.#integers[2 * index]!;
  }

  setInteger(index: number, value: number): void {
    this.#integers[2 * index] = value;
  }
}

/** A NUL-terminated C string in native memory; the caller frees it with `koffi.free`, or keeps it for good. */
export function cString(value: string): Pointer {
  const bytes = Buffer.from(`${value}\0`);
  const pointer = koffi.alloc('char', bytes.length) as Pointer;
  copyMemory(pointer, bytes, bytes.length);
  return pointer;
}

/** An array of pointers, to be passed as `void**`. */
export function addressesOf(pointers: readonly Pointer[]): BigUint64Array {
  return BigUint64Array.from(pointers, BigInt);
}

export function freeMemory(pointer: Pointer): void {
  koffi.free(pointer);
}
