import type { StateDict } from '@motley/core';
import { LinearPath } from './combination/linear-path.ts';
import type { ForecastConfig } from './config.ts';
import { defaultHorizon, seasonsOfFrequency } from './series/frequency.ts';
import type { Series } from './series/series.ts';
import type { SeriesParts } from './series/split.ts';

/** File of a run's folder with its settings, completed by the data. */
export const SETTINGS_FILE = 'settings.json';

/** Settings with what a configuration leaves to the data. */
export type ForecastSettings = Omit<ForecastConfig, 'model' | 'evaluation'> & {
  readonly model: Omit<ForecastConfig['model'], 'window' | 'horizon'> & Readonly<Record<'window' | 'horizon', number>>;
  readonly evaluation: Readonly<Record<'startStride' | 'ridgeLags', number>>;
};

/** Four hours and two hours of the power grid. */
const [GRID_WINDOW, GRID_HORIZON] = [48, 24];
/** Window of a network that corrects forecasts: linear methods look further back. */
const [SHORTEST_WINDOW, LONGEST_WINDOW] = [12, 96];
/** Measured forecasts from a part. */
const MOST_STARTS = 2000;

/**
 * Completes a configuration by the data: horizon and window by frequency and length, or as a checkpoint has them.
 * @param weights of a checkpoint, whose horizon and window hold for other data too
 */
export function settled(
  config: ForecastConfig,
  { frequency }: Pick<Series, 'frequency'>,
  { training, test }: SeriesParts,
  weights?: StateDict,
): ForecastSettings {
  const { model, evaluation, data } = config;
  const fromData = data.problem === 'csv';
  const [trainingSteps, testSteps] = [training.to - training.from, test.to - test.from];
  const horizon =
    model.horizon ??
    (weights && LinearPath.shapeIn(weights)?.horizon) ??
    (fromData ? Math.max(1, Math.min(defaultHorizon(frequency), Math.floor(testSteps / 2))) : GRID_HORIZON);
  const [season = 1] = seasonsOfFrequency(frequency);
  const suggested = Math.min(Math.max(2 * season, SHORTEST_WINDOW), LONGEST_WINDOW, Math.floor(trainingSteps / 4));
  const window =
    model.window ?? (weights && LinearPath.windowIn(weights)) ?? (fromData ? Math.max(2, suggested) : GRID_WINDOW);
  const shortest = Math.max(1, Math.floor(trainingSteps / 4));
  return {
    ...config,
    model: { ...model, horizon, window },
    evaluation: {
      startStride: evaluation.startStride ?? Math.max(1, Math.ceil(testSteps / MOST_STARTS)),
      ridgeLags: fromData ? Math.min(evaluation.ridgeLags, shortest) : evaluation.ridgeLags,
    },
  };
}
