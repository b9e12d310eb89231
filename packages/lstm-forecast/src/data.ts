import { join } from 'node:path';
import type { StateDict } from '@motley/core';
import { AutoregressiveProcess } from '@motley/core/generators';
import { largest, UserError } from '@motley/run';
import { autoregressiveOptimum, type Forecaster } from './baselines/index.ts';
import type { ForecastConfig } from './config.ts';
import { loadDemand } from './series/demand.ts';
import { seasonsOfFrequency } from './series/frequency.ts';
import { loadSeries } from './series/load.ts';
import { parseMoment } from './series/moments.ts';
import { loadPowerGrid } from './series/power-grid-files.ts';
import { generatePowerGrid } from './series/power-grid.ts';
import { shownStep, timeAt, type Series } from './series/series.ts';
import { checkLengths, splitByTime, type SeriesParts } from './series/split.ts';
import { loadStock } from './series/stock.ts';
import { settled, type ForecastSettings } from './settings.ts';
import {
  autoregressiveSeries,
  extended,
  lagsOf,
  selected,
  withFeatures,
  withStructuralImbalance,
} from './source-features.ts';

/** A series with its features, split by time. */
export interface SeriesData {
  readonly series: Series;
  /** The configuration, completed by the data. */
  readonly settings: ForecastSettings;
  /**
   * The series with further steps after its end, whose target is unknown.
   * @throws UserError where a covariate has to be known ahead
   */
  readonly extendedBy: (steps: number) => Series;
  readonly parts: SeriesParts;
  /** The first step whose lags are all known. */
  readonly firstCompleteStep: number;
  /** Candidate season lengths of the seasonal naive forecast, in steps. */
  readonly seasons: readonly number[];
  /** The best possible forecaster of a generated series, which knows the generator. */
  readonly optimum: Forecaster | undefined;
  /** Findings and changes in a file, one line each. */
  readonly notes?: readonly string[] | undefined;
}

/** A series before features. */
interface Source {
  readonly series: Series;
  readonly seasons?: readonly number[];
  readonly optimum?: Forecaster | undefined;
  readonly notes?: readonly string[];
}

/**
 * Loads or generates the series of a configuration, and adds its features.
 * @param path the user's file; by default generated or shipped data
 * @param weights of a checkpoint, for which the data are loaded
 * @throws UserError naming the file, row and column, or the field, what was expected and what was found
 */
export async function loadData(given: ForecastConfig, path?: string, weights?: StateDict): Promise<SeriesData> {
  const { data } = given;
  const { series: whole, seasons, optimum, notes } = await sourceOf(given, path);
  const source = cutAt(whole, data.until);
  const shares = { validation: data.validationShare, test: data.testShare };
  const parts = splitByTime(source, shares);
  const config = settled(given, source, parts, weights);
  const firstCompleteStep = Math.max(0, largest(lagsOf(config)));
  checkLengths(source, shares, { ...config.model, firstCompleteStep });
  const extendedBy = (steps: number): Series => withFeatures(extended(selected(source, config), steps), config);
  const series = extendedBy(0);
  return {
    series,
    settings: config,
    extendedBy,
    parts,
    firstCompleteStep,
    seasons: seasons ?? seasonsOf(series, parts),
    optimum,
    notes,
  };
}

async function sourceOf({ data }: ForecastConfig, path: string | undefined): Promise<Source> {
  const { target, time, covariates, knownAhead, gaps, duplicates, frequency } = data;
  switch (data.problem) {
    case 'power-grid':
      return powerGrid(data, path);
    case 'autoregressive': {
      const process = new AutoregressiveProcess(data.coefficients);
      return { series: autoregressiveSeries(process, data), seasons: [1], optimum: autoregressiveOptimum(process) };
    }
    case 'demand':
      return loadDemand(path, gaps);
    case 'stock':
      return loadStock(path);
    case 'csv':
      if (path === undefined) throw new UserError('data.problem csv: expected --data FILE, got none');
      return loadSeries({
        path: data.file === '' ? path : join(path, data.file),
        target,
        time,
        covariates: covariates ?? [],
        knownAhead,
        gaps,
        duplicates,
        frequency,
      });
  }
}

/** A file's or a generated series. The structural imbalance becomes a covariate; altered: it is subtracted instead. */
async function powerGrid({ seed, length, gaps, altered }: ForecastConfig['data'], path?: string): Promise<Source> {
  const source: Source = path === undefined ? generatePowerGrid(seed, length) : await loadPowerGrid(path, gaps);
  const series = withStructuralImbalance(source.series, altered);
  return altered ? { series } : { ...source, series };
}

/** Seasons of the frequency, if the training part has several; otherwise one step, which is persistence. */
function seasonsOf({ frequency }: Series, { training }: SeriesParts): number[] {
  const seasons = seasonsOfFrequency(frequency).filter((steps) => steps < (training.to - training.from) / 3);
  return seasons.length > 0 ? seasons : [1];
}

/**
 * The part of a series before a moment.
 * @throws UserError where `until` is no moment after the start
 */
function cutAt(series: Series, until: string): Series {
  if (until === '') return series;
  const moment = series.startTime === undefined ? Number(until) : parseMoment(until);
  let length = 0;
  while (length < series.length && timeAt(series, length) < moment) length++;
  if (length === 0)
    throw new UserError(
      `data.until: expected a moment after ${shownStep(series, 0)}, where ${series.name} begins, got ${JSON.stringify(until)}`,
    );
  const { target, covariates, times } = series;
  return {
    ...series,
    length,
    target: target.slice(0, length),
    covariates: Object.fromEntries(Object.entries(covariates).map(([name, values]) => [name, values.slice(0, length)])),
    ...(times && { times: times.slice(0, length) }),
  };
}
