import { largest, smallest } from '@motley/run';
/** Median and range of the repeats of one measurement, in the measurement's own unit. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** @throws RangeError without values */
export function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), min: smallest(values), max: largest(values) };
}

/**
 * The middle value, or the mean of the two middle values.
 * @throws RangeError without values
 */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((first, second) => first - second);
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  if (upper === undefined) throw new RangeError('the median of no values');
  return sorted.length % 2 === 1 ? upper : (sorted[middle - 1]! + upper) / 2;
}

/**
 * The value above a quarter of the values.
 * @throws RangeError without values
 */
export function lowerQuartile(values: readonly number[]): number {
  const quartile = values.toSorted((first, second) => first - second)[(values.length - 1) >> 2];
  if (quartile === undefined) throw new RangeError('the lower quartile of no values');
  return quartile;
}

/**
 * Geometric mean exp(mean(log x)), in which twice as fast and half as fast cancel.
 * @throws RangeError unless all values are positive
 */
export function geometricMean(values: readonly number[]): number {
  if (values.length === 0 || values.some((value) => !(value > 0))) {
    throw new RangeError(`a geometric mean takes positive values, got [${values}]`);
  }
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}
