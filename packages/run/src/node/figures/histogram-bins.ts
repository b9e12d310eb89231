/** Counts of values in bins of equal width. */
export interface HistogramBins {
  /** `[bins + 1]`, ascending. All equal where all values are equal. */
  readonly edges: Float64Array;
  /** `[bins]` */
  readonly counts: Float64Array;
}

/**
 * Counts values in bins from the minimum to the maximum. The last bin includes its upper edge. Non-finite values are
 * left out.
 * @param range outer edges, for common bins of several histograms; values outside are left out
 * @throws Error where there is no finite value
 */
export function binValues(values: Iterable<number>, bins: number, range?: readonly [number, number]): HistogramBins {
  const outer = range ?? finiteRange(values);
  if (outer === undefined) throw new Error(`histogram: expected a finite value, got none`);
  const [low, high] = outer;
  const edges = Float64Array.from({ length: bins + 1 }, (_, edge) => low + ((high - low) * edge) / bins);
  const counts = new Float64Array(bins);
  const scale = high > low ? bins / (high - low) : 0;
  for (const value of values) {
    if (value >= low && value <= high) counts[Math.min(Math.floor((value - low) * scale), bins - 1)]!++;
  }
  return { edges, counts };
}

/** Smallest and largest finite value. Undefined where there is none. */
export function finiteRange(values: Iterable<number>): readonly [low: number, high: number] | undefined {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low > high ? undefined : [low, high];
}
