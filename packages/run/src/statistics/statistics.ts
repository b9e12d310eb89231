/** Running mean of weighted values: the mean of a batch has its number of examples as weight. */
export class RunningMean {
  #sum = 0;
  #weight = 0;

  add(value: number, weight = 1): void {
    this.#sum += value * weight;
    this.#weight += weight;
  }

  /** NaN before the first value. */
  get mean(): number {
    return this.#sum / this.#weight;
  }
}

/** Running means of several metrics by name. */
export class RunningMeans {
  readonly #means = new Map<string, RunningMean>();

  add(values: Readonly<Record<string, number>>, weight = 1): void {
    for (const [name, value] of Object.entries(values)) {
      const mean = this.#means.get(name) ?? new RunningMean();
      mean.add(value, weight);
      this.#means.set(name, mean);
    }
  }

  get means(): Record<string, number> {
    return Object.fromEntries([...this.#means].map(([name, { mean }]) => [name, mean]));
  }
}

/** Mean and sample standard deviation (n - 1), such as over seeds. The deviation of one value is NaN. */
export function meanAndDeviation(values: readonly number[]): {
  mean: number;
  standardDeviation: number;
  count: number;
} {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, standardDeviation: Math.sqrt(squares / (count - 1)), count };
}
