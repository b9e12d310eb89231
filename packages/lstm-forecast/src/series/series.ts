/** Several quantities measured together, at a fixed step. */
export interface Series {
  readonly name: string;
  readonly stepInSeconds: number;
  /** Of the first step, seconds since 1970, UTC. */
  readonly startTime: number;
  /** Steps. */
  readonly length: number;
  /** What is to be forecast, `[length]`. */
  readonly target: Float64Array;
  /** Everything else that was measured or planned, `[length]` each. */
  readonly covariates: Readonly<Record<string, Float64Array>>;
  /** The covariates that are known before their time: calendars, plans. */
  readonly knownAhead: readonly string[];
  /** `[length]`, seconds since 1970, where steps are rows and not a time apart: trading days. */
  readonly times?: Float64Array;
}

/** When a step is, seconds since 1970, UTC. */
export function timeAt(
  { startTime, stepInSeconds, times }: Pick<Series, 'startTime' | 'stepInSeconds' | 'times'>,
  step: number,
): number {
  return times?.[step] ?? startTime + step * stepInSeconds;
}
