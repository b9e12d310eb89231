import { Scaler, type ScalerKind } from '@motley/core';
import { timeAt, type Series } from './series.ts';
import type { Span } from './split.ts';

const DAY_IN_SECONDS = 86_400;
/** 1 January 1970 was a Thursday: from a Monday on. */
const MONDAY_IN_SECONDS = 3 * DAY_IN_SECONDS;

/** Lengths of what comes again, and where it begins. */
const CYCLES = {
  day: { period: DAY_IN_SECONDS, offset: 0 },
  week: { period: 7 * DAY_IN_SECONDS, offset: MONDAY_IN_SECONDS },
  year: { period: 365.2425 * DAY_IN_SECONDS, offset: 0 },
} as const;

export type Cycle = keyof typeof CYCLES;

/**
 * Where each step is in the day, the week or the year, as a point on a circle, so that midnight is next to midnight:
 * `day_sine`, `day_cosine` and so on, `[length]` each, from -1 to 1. Further waves, twice as fast (`day_sine_2`), three
 * times and so on, make a line of the features any smooth course (a Fourier series).
 */
export function calendarFeatures(
  series: Series,
  cycles: readonly Cycle[],
  harmonics = 1,
): Record<string, Float64Array> {
  const angles = (cycle: Cycle, harmonic: number): Float64Array =>
    Float64Array.from({ length: series.length }, (_, step) => {
      const { period, offset } = CYCLES[cycle];
      return (2 * Math.PI * harmonic * (timeAt(series, step) + offset)) / period;
    });
  return Object.fromEntries(
    cycles.flatMap((cycle) =>
      Array.from({ length: harmonics }, (_, index) => {
        const place = index === 0 ? '' : `_${index + 1}`;
        const turns = angles(cycle, index + 1);
        return [
          [`${cycle}_sine${place}`, turns.map(Math.sin)],
          [`${cycle}_cosine${place}`, turns.map(Math.cos)],
        ] as const;
      }).flat(),
    ),
  );
}

/**
 * Values some steps earlier: `lagged(y, 288)` has yesterday's at a step of five minutes. Known ahead for so many steps.
 * @returns `[length]`, the first value where there is no earlier one
 */
export function lagged(values: Float64Array, steps: number): Float64Array {
  return values.map((_, step) => values[Math.max(0, step - steps)]!);
}

/** A series with further covariates. */
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

/** Where values are cut off. */
export interface Bounds {
  readonly minimum: number;
  readonly maximum: number;
}

/** The course's share of values that are outliers, at each end. */
export const OUTLIER_SHARE = 0.005;

/** Bounds from quantiles of the training part alone (linear between ranks). */
export function fitBounds(values: Float64Array, { from, to }: Span, share = OUTLIER_SHARE): Bounds {
  const sorted = values.slice(from, to).sort();
  const quantile = (probability: number): number => {
    const position = probability * (sorted.length - 1);
    const below = sorted[Math.floor(position)]!;
    return below + (sorted[Math.ceil(position)]! - below) * (position % 1);
  };
  return { minimum: quantile(share), maximum: quantile(1 - share) };
}

/** Values within bounds, outliers at the nearer one. */
export function clip(values: Float64Array, { minimum, maximum }: Bounds): Float64Array {
  return values.map((value) => Math.min(Math.max(value, minimum), maximum));
}

/** A series whose target is within bounds. */
export function withoutOutliers(series: Series, bounds: Bounds): Series {
  return { ...series, target: clip(series.target, bounds) };
}

/** A scaler of columns, `[length]` each, learnt of the training part alone; its columns are in the same order. */
export function fitScaler(kind: ScalerKind, columns: readonly Float64Array[], { from, to }: Span): Scaler {
  const rows = new Float64Array((to - from) * columns.length);
  for (const [place, column] of columns.entries())
    for (let step = from; step < to; step++) rows[(step - from) * columns.length + place] = column[step]!;
  return Scaler.fit(kind, rows, columns.length);
}
