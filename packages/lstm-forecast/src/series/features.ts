import { Scaler, type ScalerKind } from '@motley/core';
import { DAY_IN_SECONDS } from './frequency.ts';
import { timeAt, type Series } from './series.ts';
import type { Span } from './split.ts';

/** 1 January 1970 was a Thursday; weeks begin on Monday. */
const MONDAY_IN_SECONDS = 3 * DAY_IN_SECONDS;

/** Period and offset of each cycle, in seconds. */
const CYCLES = {
  day: { period: DAY_IN_SECONDS, offset: 0 },
  week: { period: 7 * DAY_IN_SECONDS, offset: MONDAY_IN_SECONDS },
  year: { period: 365.2425 * DAY_IN_SECONDS, offset: 0 },
} as const;

export type Cycle = keyof typeof CYCLES;

/**
 * Sines and cosines of the time of day, week or year: `day_sine`, `day_cosine` and so on, `[length]` each, from -1 to
 * 1. Further harmonics (`day_sine_2`, `day_sine_3`, …) let a linear model have any smooth profile (a Fourier series).
 */
export function calendarFeatures(
  series: Series,
  cycles: readonly Cycle[],
  harmonics = 1,
): Record<string, Float64Array> {
  const angles = (cycle: Cycle, harmonic: number): Float64Array =>
    Float64Array.from({ length: series.length }, (_, step) => {
      const { period, offset } = CYCLES[cycle];
      // The rest of whole cycles keeps equal times equal to the last bit: a column of one time of day is constant.
      return (2 * Math.PI * ((harmonic * (timeAt(series, step) + offset)) % period)) / period;
    });
  return Object.fromEntries(
    cycles.flatMap((cycle) =>
      Array.from({ length: harmonics }, (_, index) => {
        const suffix = index === 0 ? '' : `_${index + 1}`;
        const phases = angles(cycle, index + 1);
        return [
          [`${cycle}_sine${suffix}`, phases.map(Math.sin)],
          [`${cycle}_cosine${suffix}`, phases.map(Math.cos)],
        ] as const;
      }).flat(),
    ),
  );
}

/**
 * Values `steps` earlier: `lagged(y, 288)` has yesterday's at a step of five minutes.
 * @returns `[length]`, the first value where there is no earlier one
 */
export function lagged(values: Float64Array, steps: number): Float64Array {
  return values.map((_, step) => values[Math.max(0, step - steps)]!);
}

/** Adds covariates to a series. */
export function withCovariates(
  series: Series,
  columns: Readonly<Record<string, Float64Array>>,
  { knownAhead }: { readonly knownAhead: boolean },
): Series {
  return {
    ...series,
    covariates: { ...series.covariates, ...columns },
    knownAhead: [...series.knownAhead, ...(knownAhead ? Object.keys(columns) : [])],
  };
}

/** Bounds that values are clipped at. */
export interface Bounds {
  readonly minimum: number;
  readonly maximum: number;
}

/** Share of outliers at each end: that of the course IT3030 of NTNU. */
export const OUTLIER_SHARE = 0.005;

/** Quantiles of the training part as bounds, with linear interpolation between ranks. */
export function fitBounds(values: Float64Array, { from, to }: Span, share = OUTLIER_SHARE): Bounds {
  const sorted = values.slice(from, to).sort();
  const quantile = (probability: number): number => {
    const position = probability * (sorted.length - 1);
    const below = sorted[Math.floor(position)]!;
    return below + (sorted[Math.ceil(position)]! - below) * (position % 1);
  };
  return { minimum: quantile(share), maximum: quantile(1 - share) };
}

/** Clips values to bounds. */
export function clip(values: Float64Array, { minimum, maximum }: Bounds): Float64Array {
  return values.map((value) => Math.min(Math.max(value, minimum), maximum));
}

/** Clips the target of a series. */
export function withoutOutliers(series: Series, bounds: Bounds): Series {
  return { ...series, target: clip(series.target, bounds) };
}

/** Fits a scaler of columns, `[length]` each, on the training part alone. */
export function fitScaler(kind: ScalerKind, columns: readonly Float64Array[], { from, to }: Span): Scaler {
  const rows = new Float64Array((to - from) * columns.length);
  for (const [place, column] of columns.entries())
    for (let step = from; step < to; step++) rows[(step - from) * columns.length + place] = column[step]!;
  return Scaler.fit(kind, rows, columns.length);
}
