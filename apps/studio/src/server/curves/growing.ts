const FIRST_LENGTH = 64;

/** List of numbers in one buffer that doubles as it fills. */
export class GrowingFloats {
  #values: Float64Array;
  #length: number;

  constructor(values: Float64Array = new Float64Array(0)) {
    this.#values = values;
    this.#length = values.length;
  }

  get length(): number {
    return this.#length;
  }

  get bytes(): number {
    return this.#values.byteLength;
  }

  /** The numbers so far. A view: it does not grow with the list. */
  get view(): Float64Array {
    return this.#values.subarray(0, this.#length);
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = new Float64Array(Math.max(FIRST_LENGTH, 2 * this.#length));
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#length++] = value;
  }
}
