import { shownTime, timeAfter, type Frequency } from './frequency.ts';
import { parseMoment } from './moments.ts';

/** A target and its covariates, measured at a fixed frequency. */
export interface Series {
  readonly name: string;
  readonly frequency: Frequency;
  /** Time of the first step, seconds since 1970, UTC; undefined where the steps have no dates. */
  readonly startTime: number | undefined;
  /** Number of steps. */
  readonly length: number;
  /** Values to forecast, `[length]`. */
  readonly target: Float64Array;
  /** Other values by name, `[length]` each. */
  readonly covariates: Readonly<Record<string, Float64Array>>;
  /** Names of the covariates that are known before their time: calendars, plans. */
  readonly knownAhead: readonly string[];
  /** Time of each known step, if steps are rows of uneven distance, such as trading days. */
  readonly times?: Float64Array;
}

/** Fields that tell the time of a step. */
type Timed = Pick<Series, 'frequency' | 'startTime' | 'times'>;

/**
 * Time of a step, seconds since 1970, UTC; after the end as the calendar goes on. Without dates the first step counts
 * as 1970.
 */
export function timeAt({ frequency, startTime = 0, times }: Timed, step: number): number {
  if (times === undefined) return timeAfter(frequency, startTime, step);
  return times[step] ?? timeAfter(frequency, times.at(-1)!, step - times.length + 1);
}

/** A step for tables and messages: its time as the frequency is written, or its number where there are no dates. */
export function shownStep(series: Timed, step: number): string {
  return series.startTime === undefined ? String(step) : shownTime(series.frequency, timeAt(series, step));
}

/**
 * Finds the step with a given moment, up to the one after the end. Steps of months may be written as they are shown
 * (`1962-03`, `1959-Q3`, `2009`); any other number of at most nine digits is the step's own.
 * @returns undefined where no step has the moment
 */
export function findStep(series: Timed & Pick<Series, 'length'>, given: string): number | undefined {
  const find = (isAt: (step: number) => boolean): number | undefined => {
    for (let step = 0; step <= series.length; step++) if (isAt(step)) return step;
    return undefined;
  };
  if (series.frequency.kind === 'months' && series.startTime !== undefined) {
    const shown = find((step) => shownStep(series, step) === given);
    if (shown !== undefined) return shown;
  }
  if (/^\d{1,9}$/.test(given)) return Number(given);
  if (series.startTime === undefined) return undefined;
  const moment = parseMoment(given);
  return find((step) => timeAt(series, step) === moment);
}
