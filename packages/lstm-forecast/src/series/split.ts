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
  const testFrom = Math.round(length * (1 - test));
  const validationFrom = Math.round(length * (1 - test - validation));
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
