/** A target and its covariates, measured at a fixed step. */
export interface Series {
  readonly name: string;
  readonly stepInSeconds: number;
  /** Time of the first step, seconds since 1970, UTC. */
  readonly startTime: number;
  /** Number of steps. */
  readonly length: number;
  /** Values to forecast, `[length]`. */
  readonly target: Float64Array;
  /** Other values by name, `[length]` each. */
  readonly covariates: Readonly<Record<string, Float64Array>>;
  /** Names of the covariates that are known before their time: calendars, plans. */
  readonly knownAhead: readonly string[];
  /** Time of each step, `[length]`, if steps are rows of uneven distance, such as trading days. */
  readonly times?: Float64Array;
}

/** Time of a step, seconds since 1970, UTC. */
export function timeAt(
  { startTime, stepInSeconds, times }: Pick<Series, 'startTime' | 'stepInSeconds' | 'times'>,
  step: number,
): number {
  return times?.[step] ?? startTime + step * stepInSeconds;
}
