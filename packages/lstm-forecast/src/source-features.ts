import { RandomStream } from '@motley/core';
import type { AutoregressiveProcess } from '@motley/core/generators';
import { UserError } from '@motley/run';
import type { ForecastConfig } from './config.ts';
import { calendarFeatures, lagged, withCovariates } from './series/features.ts';
import { structuralImbalance, withoutStructuralImbalance } from './series/power-grid.ts';
import type { Series } from './series/series.ts';
import type { ForecastSettings } from './settings.ts';

/** A series of a process, by the seed of a configuration. */
export function autoregressiveSeries(process: AutoregressiveProcess, { seed, length }: ForecastConfig['data']): Series {
  const target = process.draw(RandomStream.fromSeed(seed).fork('autoregressive'), length);
  const name = `autoregressive (${process.coefficients.join(', ')})`;
  return { name, frequency: { kind: 'rows' }, startTime: undefined, length, target, covariates: {}, knownAhead: [] };
}

/** A power grid's series. The structural imbalance becomes a covariate; altered: it is subtracted instead. */
export function withStructuralImbalance(series: Series, altered: boolean): Series {
  if (altered) return withoutStructuralImbalance(series);
  return withCovariates(series, { structural: structuralImbalance(series) }, { knownAhead: true });
}

/** Covariates by problem, where the user names none. */
const DEFAULT_COVARIATES: Readonly<Record<string, readonly string[]>> = {
  'power-grid': ['structural', 'sys_reg'],
  demand: ['WorkDay', 'Temperature'],
};

/** A series with only the covariates that are asked for. */
export function selected(source: Series, { data }: Pick<ForecastSettings, 'data'>): Series {
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
export function extended(source: Series, steps: number): Series {
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
export function lagsOf({ features }: Pick<ForecastConfig, 'features'>): number[] {
  const { lags, covariateLags, season } = features;
  return [...lags, ...covariateLags, ...(season > 0 ? [season] : [])];
}

/** Adds calendar features, lags and daily profiles to the covariates. */
export function withFeatures(
  source: Series,
  { features, model }: Pick<ForecastSettings, 'features' | 'model'>,
): Series {
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
