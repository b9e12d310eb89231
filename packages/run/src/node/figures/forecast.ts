import type { Band } from './bands.ts';
import { lineChart, type ChartOptions, type Line } from './charts.ts';
import type { Figure } from './figure.ts';

export interface ForecastOptions extends ChartOptions {
  /** Observed values, before the forecast and during it. */
  readonly actual: Line['points'];
  /** `[T]`, ascending. */
  readonly x: ArrayLike<number>;
  /** `[T]` for each level between 0 and 1. Level 0.5 is the line; levels p and 1 - p form a band. */
  readonly quantiles: Readonly<Record<number, ArrayLike<number>>>;
  /** Other forecasts, such as baselines, drawn as dashed lines. */
  readonly others?: readonly Line[];
}

const PAIRED_WITHIN = 1e-9;

/**
 * Median and quantile bands of a forecast over the observed values. Wider bands are lighter.
 * @throws Error where a level has no counterpart, or the median is missing
 */
export function forecastChart({ actual, x, quantiles, others = [], ...options }: ForecastOptions): Figure {
  const levels = Object.keys(quantiles)
    .map(Number)
    .sort((a, b) => a - b);
  const pointsOf = (level: number): Line['points'] =>
    Array.from(x, (place, index) => [place, quantiles[level]![index]!]);
  if (!levels.includes(0.5)) throw new Error(`forecastChart: expected the median, 0.5, among ${levels.join(', ')}`);
  const bands = levels
    .filter((level) => level < 0.5)
    .map((low): Band => {
      const high = levels.find((level) => Math.abs(level - (1 - low)) < PAIRED_WITHIN);
      if (high === undefined) throw new Error(`forecastChart: expected the level ${1 - low} beside ${low}`);
      const highs = pointsOf(high);
      return {
        name: `${Math.round((high - low) * 100)} %`,
        points: pointsOf(low).map(([place, bottom], index) => [place, bottom, highs[index]![1]]),
        color: 1,
        opacity: 0.14 + 0.3 * low,
      };
    });
  const lines = [
    { name: 'actual', points: actual },
    { name: 'forecast', points: pointsOf(0.5) },
    ...others.map((line) => ({ ...line, dashed: true })),
  ];
  return lineChart({ ...options, lines, bands });
}
