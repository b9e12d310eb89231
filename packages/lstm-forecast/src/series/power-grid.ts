import { RandomStream } from '@motley/core';
import { PowerGrid, type PowerGridOptions, type PowerGridParts, type PowerGridSeries } from '@motley/core/generators';
import { UserError } from '@motley/run';
import { checkPast, type Forecaster } from '../baselines/forecaster.ts';
import { HOUR_IN_SECONDS } from './frequency.ts';
import { timeAt, type Series } from './series.ts';
import { naturalSpline } from './spline.ts';

/** Columns of the files of NTNU's course IT3030 besides `start_time` and `y`, MW. */
export const POWER_GRID_COVARIATES = [
  'hydro',
  'micro',
  'river',
  'thermal',
  'wind',
  'total',
  'sys_reg',
  'flow',
] as const;

/** Columns planned the day before: all but regulation, which reacts to the last hour's imbalance. */
export const POWER_GRID_PLANS = POWER_GRID_COVARIATES.filter((name) => name !== 'sys_reg');

export interface GeneratedPowerGrid {
  readonly series: Series;
  /** The columns of a file. */
  readonly columns: PowerGridSeries;
  /** The lowest root mean squared error that any forecaster can have so many steps ahead, MW. */
  readonly noiseFloor: (stepsAhead: number) => number;
  /** The forecaster that knows the generator and reaches the noise floor. */
  readonly optimum: Forecaster;
}

/** Draws `length` steps of five minutes of a power grid region from core's generator. */
export function generatePowerGrid(seed: number, length: number, options: PowerGridOptions = {}): GeneratedPowerGrid {
  const grid = new PowerGrid(options);
  const { series: columns, parts } = grid.draw(RandomStream.fromSeed(seed).fork('power grid'), length);
  const series: Series = {
    name: 'power grid (generated)',
    frequency: { kind: 'seconds', step: 300 },
    startTime: Date.parse(`${columns.start_time[0]!.replace(' ', 'T')}Z`) / 1000,
    length,
    target: Float64Array.from(columns.y),
    covariates: Object.fromEntries(POWER_GRID_COVARIATES.map((name) => [name, Float64Array.from(columns[name])])),
    knownAhead: POWER_GRID_PLANS,
  };
  return { series, columns, noiseFloor: (stepsAhead) => grid.noiseFloor(stepsAhead), optimum: optimumOf(grid, parts) };
}

function optimumOf(grid: PowerGrid, parts: PowerGridParts): Forecaster {
  const own = { name: 'optimum', window: 1 };
  return {
    ...own,
    forecast(series, start, horizon) {
      checkPast(own, series, start);
      return Float64Array.from({ length: horizon }, (_, step) => grid.optimalForecast(parts, start - 1, step + 1));
    },
  };
}

/**
 * Imbalance that arises because plans are hourly steps while consumption is smooth: planned load (`total - flow`) minus
 * consumption, which is estimated by a natural cubic spline through the load at the middle of each hour. The position
 * of a step is its middle.
 * @returns `[length]`, MW
 * @throws UserError where the series lacks plans or has no whole hour
 */
export function structuralImbalance(series: Series): Float64Array {
  const { total, flow } = series.covariates;
  if (total === undefined || flow === undefined)
    throw new UserError(
      `series ${series.name}: expected columns total and flow for the structural imbalance, got ${Object.keys(series.covariates).join(', ') || 'none'}`,
    );
  const load = total.map((value, step) => value - flow[step]!);
  const stepInSeconds = timeAt(series, 1) - timeAt(series, 0);
  /** Hours since 1970 at the middle of a step. */
  const hoursAt = (step: number): number => (timeAt(series, step) + stepInSeconds / 2) / HOUR_IN_SECONDS;
  const [firstHour, lastHour] = [Math.ceil(hoursAt(0) - 0.5), Math.floor(hoursAt(series.length - 1) - 0.5)];
  if (lastHour < firstHour)
    throw new UserError(`series ${series.name}: expected at least the middle of an hour, got ${series.length} steps`);
  const middles = Float64Array.from({ length: lastHour - firstHour + 1 }, (_, hour) => {
    const place = ((firstHour + hour + 0.5) * HOUR_IN_SECONDS - timeAt(series, 0)) / stepInSeconds - 0.5;
    // The middle of twelve steps lies between two of them.
    return (load[Math.floor(place)]! + load[Math.ceil(place)]!) / 2;
  });
  const consumption = naturalSpline(middles);
  return load.map((value, step) => value - consumption(hoursAt(step) - 0.5 - firstHour));
}

/** Subtracts the structural imbalance from the target: the altered task of NTNU's course IT3030. */
export function withoutStructuralImbalance(series: Series): Series {
  const structural = structuralImbalance(series);
  return { ...series, target: series.target.map((value, step) => value - structural[step]!) };
}
