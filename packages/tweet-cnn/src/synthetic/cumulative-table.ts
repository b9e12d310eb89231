/** Draws from a discrete distribution by binary search in its cumulative sums. */
export class CumulativeTable {
  readonly #sums: Float64Array;

  /** @param probabilities sum to 1 */
  constructor(probabilities: Float64Array) {
    let sum = 0;
    this.#sums = probabilities.map((probability) => (sum += probability));
  }

  /** First index whose cumulative sum exceeds a number in [0, 1). */
  find(number: number): number {
    let [low, high] = [0, this.#sums.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#sums[middle]! > number) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
