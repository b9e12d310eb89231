import { RandomStream, restored } from '@motley/core';
import { defineDemo, forecast, series } from '@motley/core/demo';
import { AutoregressiveProcess } from '@motley/core/generators';
import { largest, parseJson, smallest, UserError } from '@motley/run';
import { z } from 'zod';
import { KnownPart } from './combination/known-part.ts';
import { LinearPath } from './combination/linear-path.ts';
import type { ForecastConfig } from './config.ts';
import { widthsOf } from './feature-scaler.ts';
import { SeriesForecaster } from './model.ts';
import { forecastFrom } from './predict.ts';
import { generatePowerGrid } from './series/power-grid.ts';
import { timeAt, type Series } from './series/series.ts';
import { SETTINGS_FILE, type ForecastSettings } from './settings.ts';
import { autoregressiveSeries, lagsOf, selected, withFeatures, withStructuralImbalance } from './source-features.ts';

/** Steps of a generated series. */
const GENERATED_LENGTH = 20_000;
/** Scales on both sides of the offset that can be drawn on. */
const DRAWN_SCALES = 4;

const settingsSchema = z.object({ model: z.object({ window: z.int().min(1), horizon: z.int().min(1) }) });

type Settings = Pick<ForecastSettings, 'data' | 'features' | 'model'>;

interface Loaded {
  readonly model: SeriesForecaster;
  readonly settings: Settings;
  /** Series before features; its last steps are the horizon, those before them are drawn. */
  readonly source: Series;
  /** Steps that are drawn. */
  readonly drawn: number;
  readonly range: readonly [min: number, max: number];
  readonly examples: readonly Float32Array[];
}

/** Generated series of a configuration; undefined where it reads a file. */
function generated({ data }: Settings): Series | undefined {
  const length = GENERATED_LENGTH;
  if (data.problem === 'power-grid')
    return withStructuralImbalance(generatePowerGrid(data.seed, length).series, data.altered);
  if (data.problem === 'autoregressive')
    return autoregressiveSeries(new AutoregressiveProcess(data.coefficients), { ...data, length });
  return undefined;
}

/** Steps from `from` to the end of a series. */
function lastSteps(whole: Series, from: number): Series {
  const { target, covariates, length } = whole;
  return {
    ...whole,
    length: length - from,
    startTime: whole.startTime === undefined ? undefined : timeAt(whole, from),
    target: target.slice(from),
    covariates: Object.fromEntries(Object.entries(covariates).map(([name, values]) => [name, values.slice(from)])),
  };
}

/** A series of nothing but its values. @throws UserError where the network reads more than these */
function bare({ data, features }: Settings, length: number): Series {
  const covariates = data.covariates ?? (data.problem === 'demand' ? ['WorkDay', 'Temperature'] : []);
  const others = [...covariates, ...features.calendar];
  if (others.length > 0 || features.season > 0)
    throw new UserError(
      `demo: expected a network that reads the series alone, got one that also reads ${others.join(', ') || 'seasons'}`,
    );
  const target = new Float64Array(length);
  return {
    name: 'drawn',
    frequency: { kind: 'rows' },
    startTime: undefined,
    length,
    target,
    covariates: {},
    knownAhead: [],
  };
}

/** The series with drawn steps before the horizon, and its features. */
function withDrawn({ source, settings }: Pick<Loaded, 'source' | 'settings'>, values: ArrayLike<number>): Series {
  const target = source.target.slice();
  const start = source.length - settings.model.horizon;
  target.set(values, start - values.length);
  // A forecast reads nothing from its start on.
  target.fill(target[start - 1]!, start);
  return withFeatures({ ...source, target }, settings);
}

/** Draw a series, and see its forecast. */
export default defineDemo({
  title: 'Draw what was, see what comes',
  description:
    'Draw or paste the past of a series. The forecast follows, with the band between its lowest and highest quantile. Of the power grid, plans and times are those of the end of the generated series.',
  files: [SETTINGS_FILE],
  inputs: ({ drawn, range, examples }: Loaded) => ({
    past: series({
      label: 'Past',
      length: drawn,
      min: range[0],
      max: range[1],
      ...(examples.length > 0 && { examples: { count: examples.length, make: (index: number) => examples[index]! } }),
    }),
  }),
  outputs: { future: forecast({ label: 'Forecast' }) },
  load: async ({ weights, config, files }): Promise<Loaded> => {
    const given = config as ForecastConfig;
    const text = new TextDecoder().decode(files[SETTINGS_FILE]);
    const found = settingsSchema.safeParse(parseJson(text, SETTINGS_FILE, 'the settings of a run'));
    if (!found.success) throw new UserError(`${SETTINGS_FILE}: expected the window and horizon of a run, found none`);
    const { window, horizon } = found.data.model;
    const settings = { ...given, model: { ...given.model, window, horizon } };
    const shape = LinearPath.shapeIn(weights);
    const needed = Math.max(window, largest(shape?.windows ?? [0]));
    const before = Math.max(0, largest(lagsOf(settings)));
    const whole = generated(settings);
    // Without a generator all steps are drawn, those that lags reach too.
    const drawn = whole === undefined ? needed + before : needed;
    const history = needed + before + horizon;
    const from = whole === undefined ? 0 : whole.length - history;
    if (from < 0)
      throw new UserError(`demo: expected at most ${GENERATED_LENGTH} steps before a forecast, got ${history}`);
    const source = whole === undefined ? bare(settings, history) : lastSteps(selected(whole, settings), from);
    if (shape !== undefined && new KnownPart(source).size !== shape.waves)
      throw new UserError('demo: expected a network that reads the series alone, got one that also reads its times');
    const features = withFeatures(source, settings);
    const widths = { ...widthsOf(features), season: settings.features.season };
    const path = shape && new LinearPath(shape);
    const model = restored(new SeriesForecaster(settings.model, widths, RandomStream.fromSeed(0), path), weights);
    if (whole === undefined) {
      const [offset, scale] = await Promise.all([model.scaler.offset, model.scaler.scale].map((part) => part.data()));
      const reach = DRAWN_SCALES * scale![0]!;
      return { model, settings, source, drawn, range: [offset![0]! - reach, offset![0]! + reach], examples: [] };
    }
    const end = whole.length - horizon;
    // One example: the plans that the network reads are those of the series' end.
    const examples = [Float32Array.from(whole.target.subarray(end - drawn, end))];
    return { model, settings, source, drawn, range: [smallest(whole.target), largest(whole.target)], examples };
  },
  run: async (loaded, { past }, { signal, emit }) => {
    const { model, source, settings } = loaded;
    await emit({});
    if (signal.aborted) return {};
    const scaled = await model.scale(withDrawn(loaded, past));
    const { horizon, levels, mean, quantiles } = await forecastFrom(model, scaled, [
      source.length - settings.model.horizon,
    ]);
    const quantile = (level: number) =>
      Float32Array.from({ length: horizon }, (_, step) => quantiles[step * levels.length + level]!);
    const future = { past, forecast: Float32Array.from(mean) };
    if (levels.length < 2) return { future };
    return { future: { ...future, low: quantile(0), high: quantile(levels.length - 1) } };
  },
  dispose: ({ model }) => {
    model.dispose();
  },
});
