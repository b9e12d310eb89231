import { RandomStream } from '@motley/core';
import { PowerGrid, type PowerGridOptions, type PowerGridParts, type PowerGridSeries } from '@motley/core/generators';
import { UserError } from '@motley/run';
import { checkPast, type Forecaster } from '../baselines/forecaster.ts';
import { timeAt, type Series } from './series.ts';
import { naturalSpline } from './spline.ts';

const HOUR_IN_SECONDS = 3600;

/** The columns of the course's files besides `start_time` and `y`, MW. */
export const POWER_GRID_COVARIATES = [
  ...(['hydro', 'micro', 'river', 'thermal', 'wind', 'total', 'sys_reg', 'flow'] as const),
] as const;

/** What is planned the day before. Regulation is ordered within the hour, against what went wrong in the last one. */
export const POWER_GRID_PLANS = POWER_GRID_COVARIATES.filter((name) => name !== 'sys_reg');

export interface GeneratedPowerGrid {
  readonly series: Series;
  /** As the course's files have it. */
  readonly columns: PowerGridSeries;
  /** The lowest root mean squared error that any forecaster can have so many steps ahead, MW. */
  readonly noiseFloor: (stepsAhead: number) => number;
  /** Who knows what the series is made of: the forecaster that reaches the floor. */
  readonly optimum: Forecaster;
}

/** A balance region's series of `length` steps of five minutes, from core's generator. */
export function generatePowerGrid(seed: number, length: number, options: PowerGridOptions = {}): GeneratedPowerGrid {
  const grid = new PowerGrid(options);
  const { series: columns, parts } = grid.draw(RandomStream.fromSeed(seed).fork('power grid'), length);
  const series: Series = {
    name: 'power grid (generated)',
    stepInSeconds: 300,
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
 * The imbalance that comes of planning in steps of an hour what is consumed without steps: planned load
 * (`total - flow`) less the natural cubic spline through its value in the middle of each hour, which stands for
 * consumption. A step's place is its middle.
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
  /** Hours since 1970 at the middle of a step. */
  const hoursAt = (step: number): number => (timeAt(series, step) + series.stepInSeconds / 2) / HOUR_IN_SECONDS;
  const [firstHour, lastHour] = [Math.ceil(hoursAt(0) - 0.5), Math.floor(hoursAt(series.length - 1) - 0.5)];
  if (lastHour < firstHour)
    throw new UserError(`series ${series.name}: expected at least the middle of an hour, got ${series.length} steps`);
  const middles = Float64Array.from({ length: lastHour - firstHour + 1 }, (_, hour) => {
    const place = ((firstHour + hour + 0.5) * HOUR_IN_SECONDS - timeAt(series, 0)) / series.stepInSeconds - 0.5;
    // Twelve steps have their middle between two of them.
    return (load[Math.floor(place)]! + load[Math.ceil(place)]!) / 2;
  });
  const consumption = naturalSpline(middles);
  return load.map((value, step) => value - consumption(hoursAt(step) - 0.5 - firstHour));
}

/** The course's altered task: a series' target without its structural imbalance. */
export function withoutStructuralImbalance(series: Series): Series {
  const structural = structuralImbalance(series);
  return { ...series, target: series.target.map((value, step) => value - structural[step]!) };
}
