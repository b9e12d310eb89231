import { UserError } from '@motley/run';
import { frequencyName, HOUR_IN_SECONDS, shownTime, stepsBetween, timeAfter, type Frequency } from './frequency.ts';
import { isClockChange } from './row-times.ts';

/**
 * How missing steps and values are filled:
 * - `error`: not at all; the first is an error
 * - `interpolate`: linearly between the neighbors, the later of which lies in the future
 * - `previous`: with the last known value
 */
export type GapRule = 'error' | 'interpolate' | 'previous';

/** Longest series that filled gaps may produce. */
const MAX_STEPS = 10_000_000;
/** Allowed deviation of a time from its step, in steps: fractions of a second are rounded. */
const TOLERANCE = 1e-3;

export interface LayoutOptions {
  readonly frequency: Frequency;
  readonly gaps: GapRule;
  /** Whether times are numbers without a date. */
  readonly isCounted: boolean;
  /** Whether the times are those of a clock on the wall, which leaves out an hour in spring. */
  readonly isLocal: boolean;
  /** Place of a time's row in the file, by its index, for messages. */
  readonly place: (index: number) => string;
}

/** Steps of a series. */
export interface Layout {
  /** Index of each step's time, -1 for a missing step. */
  readonly indices: Int32Array;
  /** Missing steps within an hour that a clock leaves out in spring. */
  readonly skipped: number;
  /** Other missing steps. */
  readonly missing: number;
}

/**
 * Lays ascending times out as steps of a fixed time or of months.
 * @throws UserError where a time lies between steps, a step has two, or one is missing and `gaps` is error
 */
export function laidOut(times: Float64Array, options: LayoutOptions): Layout {
  const { frequency, gaps, isCounted, place } = options;
  const start = times[0]!;
  const name = isCounted && 'step' in frequency ? `${frequency.step} apart` : frequencyName(frequency);
  const shown = (time: number): string => (isCounted ? String(time) : shownTime(frequency, time));
  const exact = (time: number): string => (isCounted ? String(time) : shownTime({ kind: 'seconds', step: 1 }, time));
  const steps = times.map((time, index) => {
    const between = stepsBetween(frequency, start, time);
    const step = Math.round(between);
    if (Math.abs(between - step) > TOLERANCE)
      throw new UserError(
        `${place(index)}: expected whole steps (${name}) from ${shown(start)}, found ${exact(time)}; --frequency rows takes the rows as they come`,
      );
    return step;
  });
  const second = steps.findIndex((step, index) => step === steps[index - 1]);
  if (second >= 0)
    throw new UserError(
      `${place(second)}: expected one row per step (${name}), found a second of ${shown(times[second]!)}`,
    );
  const length = steps.at(-1)! + 1;
  if (length > MAX_STEPS)
    throw new UserError(
      `${place(times.length - 1)}: expected at most ${MAX_STEPS} steps (${name}), found ${shown(times.at(-1)!)} after ${length}`,
    );
  const indices = new Int32Array(length).fill(-1);
  let skipped = 0;
  for (const [index, step] of steps.entries()) {
    indices[step] = index;
    const missing = index === 0 ? 0 : step - steps[index - 1]! - 1;
    if (missing === 0) continue;
    const next = timeAfter(frequency, times[index - 1]!, 1);
    if (isSkippedHour(next, missing, options)) skipped += missing;
    else if (gaps === 'error')
      throw new UserError(
        `${place(index)}: expected the next step (${name}), ${shown(next)}, found ${shown(times[index]!)}; --gaps interpolate or previous fills missing steps, --frequency rows takes the rows as they come`,
      );
  }
  return { indices, skipped, missing: length - times.length - skipped };
}

/** Whether missing steps from a time on are the hour that a clock leaves out when it is set forward. */
function isSkippedHour(next: number, missing: number, { frequency, isLocal }: LayoutOptions): boolean {
  return isLocal && frequency.kind === 'seconds' && missing * frequency.step === HOUR_IN_SECONDS && isClockChange(next);
}

/**
 * Fills NaN by the rule between known values, and with the nearest known value at the ends.
 * @throws UserError where there is no value to fill from
 */
export function filled(values: Float64Array, rule: Exclude<GapRule, 'error'>, where: string): Float64Array {
  const output = Float64Array.from(values);
  let before = -1;
  for (let step = 0; step < values.length; step++) {
    if (Number.isNaN(values[step])) {
      let after = step;
      while (after < values.length && Number.isNaN(values[after])) after++;
      if (before < 0 && (rule === 'previous' || after === values.length))
        throw new UserError(`${where}: expected a value to fill the first gap from, found none before it`);
      const from = values[before < 0 ? after : before]!;
      const to = rule === 'previous' || after === values.length ? from : values[after]!;
      for (; step < after; step++) output[step] = from + ((to - from) * (step - before)) / (after - before);
    }
    before = step;
  }
  return output;
}
