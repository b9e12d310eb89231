import { join } from 'node:path';
import { RandomStream, type StateDict } from '@motley/core';
import { AutoregressiveProcess } from '@motley/core/generators';
import { largest, UserError } from '@motley/run';
import { autoregressiveOptimum, type Forecaster } from './baselines/index.ts';
import type { ForecastConfig } from './config.ts';
import { loadDemand } from './series/demand.ts';
import { calendarFeatures, lagged, withCovariates } from './series/features.ts';
import { seasonsOfFrequency } from './series/frequency.ts';
import { loadSeries } from './series/load.ts';
import { parseMoment } from './series/moments.ts';
import { loadPowerGrid } from './series/power-grid-files.ts';
import { generatePowerGrid, structuralImbalance, withoutStructuralImbalance } from './series/power-grid.ts';
import { shownStep, timeAt, type Series } from './series/series.ts';
import { checkLengths, splitByTime, type SeriesParts } from './series/split.ts';
import { loadStock } from './series/stock.ts';
import { settled, type ForecastSettings } from './settings.ts';

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
  if (altered) return { series: withoutStructuralImbalance(source.series) };
  const structural = structuralImbalance(source.series);
  return { ...source, series: withCovariates(source.series, { structural }, { knownAhead: true }) };
}

function autoregressiveSeries(process: AutoregressiveProcess, { seed, length }: ForecastConfig['data']): Series {
  const target = process.draw(RandomStream.fromSeed(seed).fork('autoregressive'), length);
  const name = `autoregressive (${process.coefficients.join(', ')})`;
  return { name, frequency: { kind: 'rows' }, startTime: undefined, length, target, covariates: {}, knownAhead: [] };
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

/** Covariates by problem, where the user names none. */
const DEFAULT_COVARIATES: Readonly<Record<string, readonly string[]>> = {
  'power-grid': ['structural', 'sys_reg'],
  demand: ['WorkDay', 'Temperature'],
};

/** A series with only the covariates that are asked for. */
function selected(source: Series, { data }: ForecastSettings): Series {
  const asked = data.covariates ?? DEFAULT_COVARIATES[data.problem]?.filter((name) => name in source.covariates) ?? [];
  const unknown = asked.find((name) => !(name in source.covariates));
  if (unknown !== undefined)
    throw new UserError(
      `data.covariates: expected columns of ${source.name} (${Object.keys(source.covariates).join(', ') || 'none'}), got ${JSON.stringify(unknown)}`,
    );
  const covariates = Object.fromEntries(asked.map((name) => [name, source.covariates[name]!]));
  return { ...source, covariates, knownAhead: source.knownAhead.filter((name) => name in covariates) };
}

/**
 * A series with placeholder steps after its end, which no forecast from the end on reads.
 * @throws UserError where it has covariates known ahead, whose values there are missing
 */
function extended(source: Series, steps: number): Series {
  if (steps === 0) return source;
  if (source.knownAhead.length > 0)
    throw new UserError(
      `${source.name}: expected a start within the series, for ${source.knownAhead.join(', ')} must be known ahead, got its end`,
    );
  const longer = (values: Float64Array): Float64Array => {
    const result = new Float64Array(values.length + steps).fill(values.at(-1)!);
    result.set(values);
    return result;
  };
  const { length, covariates } = source;
  return {
    ...source,
    length: length + steps,
    target: longer(source.target),
    covariates: Object.fromEntries(Object.entries(covariates).map(([name, values]) => [name, longer(values)])),
  };
}

/** Steps back that features reach. */
function lagsOf({ features }: Pick<ForecastConfig, 'features'>): number[] {
  const { lags, covariateLags, season } = features;
  return [...lags, ...covariateLags, ...(season > 0 ? [season] : [])];
}

/** Adds calendar features, lags and daily profiles to the covariates. */
function withFeatures(source: Series, { features, model }: ForecastSettings): Series {
  const { calendar, harmonics, lags, covariateLags } = features;
  const isEarly = (lag: number): boolean => model.forecast === 'recursive' && lag < model.horizon;
  const tooEarly = lagsOf({ features }).find(isEarly);
  if (tooEarly !== undefined)
    throw new UserError(
      `features: expected lags and a season of at least the ${model.horizon} steps of the horizon, or some values are not known, got ${tooEarly}`,
    );
  const clock = calendarFeatures(source, calendar, harmonics);
  const before = Object.fromEntries([
    ...lags.map((lag) => [`lag_${lag}`, lagged(source.target, lag)] as const),
    ...source.knownAhead.flatMap((name) =>
      covariateLags.map((lag) => [`${name}_lag_${lag}`, lagged(source.covariates[name]!, lag)] as const),
    ),
  ]);
  const profiles = profilesOf({ ...source, covariates: { ...source.covariates, ...before } }, clock, features);
  return withCovariates(source, { ...clock, ...before, ...profiles }, { knownAhead: true });
}

/**
 * Products of covariates and their lags with the waves of the day: `WorkDay_day_sine`, `WorkDay_lag_48_day_sine`. They
 * give a linear model a daily profile for each kind of day.
 * @throws UserError where a covariate is not known ahead, or the calendar has no day
 */
function profilesOf(
  { name, covariates, knownAhead }: Series,
  clock: Readonly<Record<string, Float64Array>>,
  { profiles, calendar, covariateLags }: ForecastConfig['features'],
): Record<string, Float64Array> {
  const unknown = profiles.find((profile) => !knownAhead.includes(profile));
  if (unknown !== undefined)
    throw new UserError(
      `features.profiles: expected covariates of ${name} that are known ahead (${knownAhead.join(', ') || 'none'}), got ${JSON.stringify(unknown)}`,
    );
  if (profiles.length > 0 && !calendar.includes('day'))
    throw new UserError(
      `features.profiles: expected the day in features.calendar, got ${calendar.join(', ') || 'none'}`,
    );
  const waves = Object.entries(clock).filter(([wave]) => wave.startsWith('day_'));
  const columns = profiles.flatMap((profile) => [profile, ...covariateLags.map((lag) => `${profile}_lag_${lag}`)]);
  return Object.fromEntries(
    columns.flatMap((column) =>
      waves.map(([wave, values]) => [
        `${column}_${wave}`,
        values.map((value, step) => value * covariates[column]![step]!),
      ]),
    ),
  );
}
