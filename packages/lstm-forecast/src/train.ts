import {
  fit,
  type FitResult,
  type Module,
  type ParameterGroup,
  RandomStream,
  tensorSchedule,
  type TrainingSurroundings,
} from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import type { ForecastConfig } from './config.ts';
import type { SeriesData } from './data.ts';
import { evaluateSymbols, evaluateSeries, measure } from './evaluate.ts';
import { startBands, startLinear } from './linear-start.ts';
import { forecastLoss, symbolLoss } from './loss.ts';
import { SeriesForecaster, SymbolPredictor } from './model.ts';
import { widthsOf, type PreparedSeries } from './preparation.ts';
import { forecastStarts } from './series/split.ts';
import { symbolBatches, type SymbolData } from './symbols.ts';
import { WindowBatches } from './windows.ts';

/** Weights are drawn by it, so that a seed gives the same ones everywhere. */
function weightsOf({ training }: Pick<ForecastConfig, 'training'>): RandomStream {
  return RandomStream.fromSeed(training.seed).fork('weights');
}

/** A forecaster of such a series with the initial weights of its seed, its preparation fitted on the training part. */
export function createForecaster(config: ForecastConfig, { series, parts }: SeriesData): SeriesForecaster {
  const model = new SeriesForecaster(
    config.model,
    { ...widthsOf(series), season: config.features.season },
    weightsOf(config),
  );
  model.preparation.fit(series, parts.training, config.features);
  return model;
}

/**
 * What the training of a forecaster begins with and has to improve on: a line of its inputs, recursive as the network.
 * @returns undefined where it begins with no line: it is direct, or its output layer does not read the inputs
 */
export async function createLine(config: ForecastConfig, data: SeriesData): Promise<SeriesForecaster | undefined> {
  if (!beginsWithLine(config)) return undefined;
  const model = createForecaster(config, data);
  return orDispose(model, async () => {
    await beginWithLine(model, await model.preparation.apply(data.series), data, config);
    return model;
  });
}

function beginsWithLine({ model: { skip, forecast } }: ForecastConfig): boolean {
  return skip && forecast === 'recursive';
}

async function beginWithLine(
  model: SeriesForecaster,
  prepared: PreparedSeries,
  data: SeriesData,
  config: ForecastConfig,
): Promise<void> {
  if (!beginsWithLine(config)) return;
  const { horizon, window } = config.model;
  const training = { from: data.complete, to: data.parts.training.to };
  // One forecast after the other is enough to tell lines apart.
  const oneByOne = { ...config, evaluation: { ...config.evaluation, startStride: horizon } };
  await startLinear(model, prepared, training, async () => {
    const { meanSquaredError } = await measure(model, prepared, data, 'validation', oneByOne);
    return meanSquaredError!;
  });
  const span = { from: training.from + window, to: training.to };
  await startBands(model, prepared, forecastStarts(span, { horizon, window, stride: horizon }, data.series));
}

/** A predictor of such symbols with the initial weights of its seed. */
export function createPredictor(config: ForecastConfig, { chain }: SymbolData): SymbolPredictor {
  return new SymbolPredictor(config.model, chain.states, weightsOf(config));
}

export interface Trained<Model> {
  readonly model: Model;
  readonly result: FitResult;
}

/** Trains a forecaster, and measures the best of its weights on the test part. The caller disposes of the model. */
export async function trainForecaster(
  config: ForecastConfig,
  data: SeriesData,
  surroundings: TrainingSurroundings = {},
): Promise<Trained<SeriesForecaster>> {
  const { training, loss, model: shape } = config;
  const { window, horizon } = shape;
  const model = createForecaster(config, data);
  return orDispose(model, async () => {
    const prepared = await model.preparation.apply(data.series);
    await beginWithLine(model, prepared, data, config);
    // A training window lies within its part as a whole: it is judged on the steps that it reads, too.
    const [from, { to }] = [data.complete, data.parts.training];
    const starts = forecastStarts({ from: from + window, to }, { horizon, window }, data.series);
    const random = RandomStream.fromSeed(training.seed).fork('order');
    const batches = new WindowBatches(prepared, starts, { ...shape, batchSize: training.batchSize, random });
    const noiseAt = loss.lagNoise === 0 ? undefined : lagNoiseSchedule(config, batches.batchesPerEpoch);
    const result = await fit({
      ...surroundings,
      ...training,
      model,
      parameterGroups: ownRates(loss),
      trainingBatches: batches,
      loss: ({ observed, known, targets }, { random: noise, step }) => {
        const read =
          noiseAt === undefined
            ? observed
            : withLagNoise(observed, noiseAt(step), noise.normal([...observed.shape.slice(0, 2), 1]));
        return forecastLoss(model.forward({ observed: read, known }), targets, shape.quantiles, loss);
      },
      validate: (limits) => measure(model, prepared, data, 'validation', config, limits),
      test: async () => (await evaluateSeries(model, data, config)).metrics,
    });
    return { model, result };
  });
}

/** The output layer and the line learn at rates of their own; the line is drawn to nothing but what it is fitted on. */
function ownRates({ headRateFactor, lineRateFactor }: ForecastConfig['loss']): ParameterGroup[] {
  return [
    { matches: (name) => name.startsWith('head.'), learningRateFactor: headRateFactor },
    { matches: (name) => name.startsWith('line.'), learningRateFactor: lineRateFactor, weightDecay: 0 },
  ];
}

/** Deviation of the noise on the last values, by step: rises linearly from 0 over the first epochs. */
function lagNoiseSchedule(
  { loss: { lagNoise, lagNoiseRiseInEpochs }, training }: ForecastConfig,
  batchesPerEpoch: number,
): (step: tf.Tensor) => tf.Tensor {
  const stepsPerEpoch = training.stepsPerEpoch ?? Math.ceil(batchesPerEpoch / training.accumulationSteps);
  const riseSteps = lagNoiseRiseInEpochs * stepsPerEpoch;
  return tensorSchedule(
    (step) => lagNoise * (riseSteps === 0 ? 1 : Math.min(1, step / riseSteps)),
    Math.ceil(riseSteps),
  );
}

/** Adds noise of a deviation, a scalar, to the last value at each step: a forecast learns to distrust what it feeds back. */
function withLagNoise(observed: tf.Tensor, deviation: tf.Tensor, noise: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const [values, rest] = tf.split(observed, [1, observed.shape[2]! - 1], 2) as [tf.Tensor, tf.Tensor];
    return tf.concat([tf.add(values, tf.mul(noise, deviation)), rest], 2);
  });
}

/** Trains a predictor, and measures the best of its weights on the test part. The caller disposes of the model. */
export async function trainPredictor(
  config: ForecastConfig,
  data: SymbolData,
  surroundings: TrainingSurroundings = {},
): Promise<Trained<SymbolPredictor>> {
  const { training } = config;
  const model = createPredictor(config, data);
  const from = data.chain.delay - 1;
  const random = RandomStream.fromSeed(training.seed).fork('order');
  return orDispose(model, async () => {
    const result = await fit({
      ...surroundings,
      ...training,
      model,
      parameterGroups: ownRates(config.loss),
      trainingBatches: symbolBatches(data.training, training.batchSize, random),
      loss: ({ symbols, next }) => symbolLoss(model.forward(symbols), next, from),
      validate: (limits) => evaluateSymbols(model, data.validation, data.chain, limits),
      test: () => evaluateSymbols(model, data.test, data.chain),
    });
    return { model, result };
  });
}

/** A training that fails frees its model. */
async function orDispose<T>(model: Module, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    model.dispose();
    throw error;
  }
}
