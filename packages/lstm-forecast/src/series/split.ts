import { UserError } from '@motley/run';
import type { Series } from './series.ts';

/** Steps from `from` to `to`, which is not included. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Three consecutive spans: training, validation and test. */
export interface SeriesParts {
  readonly training: Span;
  /** Chooses penalties and checkpoints. */
  readonly validation: Span;
  /** For the final figures alone. */
  readonly test: Span;
}

export interface SplitShares {
  /** Share of the steps. Default 0.15. */
  readonly validation?: number;
  /** Default 0.15. */
  readonly test?: number;
}

/**
 * Splits a series by time: the oldest steps are the training part, the newest the test part.
 * @throws UserError where a part would be empty
 */
export function splitByTime(
  { name, length }: Pick<Series, 'name' | 'length'>,
  { validation = 0.15, test = 0.15 }: SplitShares = {},
): SeriesParts {
  const [validationFrom, testFrom] = boundariesOf(length, { validation, test });
  if (!(0 < validationFrom && validationFrom < testFrom && testFrom < length))
    throw new UserError(
      `series ${name}: expected steps for training, validation (${validation}) and test (${test}), got ${length} steps`,
    );
  return {
    training: { from: 0, to: validationFrom },
    validation: { from: validationFrom, to: testFrom },
    test: { from: testFrom, to: length },
  };
}

export interface NeededLengths {
  /** Steps that a forecast reads. */
  readonly window: number;
  /** Steps that it gives. */
  readonly horizon: number;
  /** The first step whose features are all known. */
  readonly firstCompleteStep: number;
}

/**
 * Checks that each part of a series has a forecast: the training part with its window, the others with their horizon.
 * @throws UserError where a part is too short, with the length that the series needs
 */
export function checkLengths(
  { name, length }: Pick<Series, 'name' | 'length'>,
  shares: SplitShares,
  { window, horizon, firstCompleteStep }: NeededLengths,
): void {
  const needed = firstCompleteStep + window + horizon;
  const fits = (steps: number): boolean => {
    const { validation = 0.15, test = 0.15 } = shares;
    const [validationFrom, testFrom] = boundariesOf(steps, { validation, test });
    return validationFrom >= needed && testFrom - validationFrom >= horizon && steps - testFrom >= horizon;
  };
  if (fits(length)) return;
  // Rounding moves a boundary by one step, so a length that fits is followed by others.
  let least = length;
  while (!fits(least)) least++;
  throw new UserError(
    `series ${name}: too short: expected at least ${least} steps for a window of ${window}, a horizon of ${horizon}${firstCompleteStep > 0 ? `, lags of ${firstCompleteStep}` : ''} and the validation and test parts, got ${length}`,
  );
}

/** First steps of the validation and the test part. */
function boundariesOf(length: number, { validation, test }: Required<SplitShares>): readonly [number, number] {
  return [Math.round(length * (1 - test - validation)), Math.round(length * (1 - test))];
}

export interface StartOptions {
  /** Steps to forecast, all within the span. */
  readonly horizon: number;
  /** Steps that the forecaster reads before its start; they may be older than the span. Default 0. */
  readonly window?: number;
  /** Steps between two starts. Default 1. */
  readonly stride?: number;
}

/**
 * Starts of forecasts whose targets `[start, start + horizon)` lie within a span. The window before a start may begin
 * before the span.
 * @throws UserError where there is no such start
 */
export function forecastStarts(
  { from, to }: Span,
  { horizon, window = 0, stride = 1 }: StartOptions,
  { name }: Pick<Series, 'name'>,
): Int32Array {
  const first = Math.max(from, window);
  const count = Math.floor((to - horizon - first) / stride) + 1;
  if (count < 1)
    throw new UserError(
      `series ${name}, steps ${from} to ${to}: expected ${window} steps to read before a forecast and ${horizon} to forecast within them, got ${to} and ${to - from}`,
    );
  return Int32Array.from({ length: count }, (_, index) => first + index * stride);
}
