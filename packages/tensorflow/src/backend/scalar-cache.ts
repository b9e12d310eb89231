import { DataType } from '../c-api/types.ts';

const MAXIMUM_SCALARS = 256;

/**
 * Handles of scalars by type and value: a program uses few of them, over and over. The cache owns its handles. When it
 * is full, all of them are freed.
 */
export class ScalarCache {
  readonly #make: (dataType: number, value: number) => number;
  readonly #free: (handle: number) => void;
  readonly #handles = new Map<number, Map<number, number>>();
  #count = 0;

  constructor(make: (dataType: number, value: number) => number, free: (handle: number) => void) {
    this.#make = make;
    this.#free = free;
  }

  /** Whether scalars of a type are cached. */
  static holds(dataType: number): boolean {
    return dataType === DataType.float32 || dataType === DataType.int32;
  }

  /** The handle of a scalar, valid until the next call. */
  get(dataType: number, value: number): number {
    // A map takes -0 for 0.
    const key = Object.is(value, -0) ? -Number.MIN_VALUE : value;
    let byValue = this.#handles.get(dataType);
    if (byValue === undefined) this.#handles.set(dataType, (byValue = new Map<number, number>()));
    let handle = byValue.get(key);
    if (handle === undefined) {
      if (this.#count >= MAXIMUM_SCALARS) this.clear();
      handle = this.#make(dataType, value);
      byValue.set(key, handle);
      this.#count++;
    }
    return handle;
  }

  /** Frees all handles. */
  clear(): void {
    for (const byValue of this.#handles.values()) {
      for (const handle of byValue.values()) this.#free(handle);
      byValue.clear();
    }
    this.#count = 0;
  }
}
