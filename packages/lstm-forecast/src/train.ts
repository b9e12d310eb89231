import {
  fit,
  type FitResult,
  type Module,
  type ParameterGroup,
  RandomStream,
  type StateDict,
  type TrainingSurroundings,
} from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import type { ForecastConfig } from './config.ts';
import type { SeriesData } from './data.ts';
import { evaluate, measure } from './evaluate.ts';
import { startBands, startLinear } from './linear-start.ts';
import { forecastLoss } from './loss.ts';
import { SeriesForecaster } from './model.ts';
import { widthsOf, type PreparedSeries } from './preparation.ts';
import { forecastStarts } from './series/split.ts';
import { WindowBatches } from './windows.ts';

/** Weights are drawn by it, so that a seed gives the same ones everywhere. */
function weightsOf({ training }: Pick<ForecastConfig, 'training'>): RandomStream {
  return RandomStream.fromSeed(training.seed).fork('weights');
}

/** A forecaster of such a series with the initial weights of its seed, its preparation fitted on the training part. */
export function createModel(config: ForecastConfig, { series, parts }: SeriesData): SeriesForecaster {
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
  const model = createModel(config, data);
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

/** A forecaster with the weights of a checkpoint, ready for evaluation. The caller disposes of it. */
export function restoreModel(config: ForecastConfig, data: SeriesData, weights: StateDict): SeriesForecaster {
  const model = createModel(config, data);
  try {
    model.loadStateDict(weights);
  } catch (error) {
    model.dispose();
    throw error;
  }
  return model.eval();
}

/** Trains a forecaster, and measures the best of its weights on the test part. The caller disposes of the model. */
export async function train(
  config: ForecastConfig,
  data: SeriesData,
  context: TrainingSurroundings = {},
): Promise<{ readonly model: SeriesForecaster; readonly result: FitResult }> {
  const { training, loss, model: shape } = config;
  const { window, horizon } = shape;
  const model = createModel(config, data);
  return orDispose(model, async () => {
    const prepared = await model.preparation.apply(data.series);
    await beginWithLine(model, prepared, data, config);
    // A training window lies within its part as a whole: it is judged on the steps that it reads, too.
    const [from, { to }] = [data.complete, data.parts.training];
    const starts = forecastStarts({ from: from + window, to }, { horizon, window }, data.series);
    const random = RandomStream.fromSeed(training.seed).fork('order');
    const noiseAt = (epochs: number): number =>
      loss.lagNoise * (loss.lagNoiseRiseInEpochs === 0 ? 1 : Math.min(1, epochs / loss.lagNoiseRiseInEpochs));
    const batches = new WindowBatches(prepared, starts, {
      ...shape,
      batchSize: training.batchSize,
      random,
      ...(loss.lagNoise > 0 && { noiseAt }),
    });
    const result = await fit({
      ...context,
      ...training,
      model,
      parameterGroups: parameterGroups(loss),
      trainingBatches: batches,
      loss: ({ observed, known, targets, noise }, { random: draws }) => {
        const read =
          noise === undefined
            ? observed
            : withLagNoise(observed, noise, draws.normal([...observed.shape.slice(0, 2), 1]));
        return forecastLoss(model.forward({ observed: read, known }), targets, shape.quantiles, loss);
      },
      validate: (limits) => measure(model, prepared, data, 'validation', config, limits),
      test: async () => (await evaluate(model, data, config)).metrics,
    });
    return { model, result };
  });
}

/** The line learns at a rate of its own, and is drawn to nothing but what it is fitted on; the head decays with its bias. */
function parameterGroups({ lineRateFactor }: ForecastConfig['loss']): ParameterGroup[] {
  return [
    { matches: (name) => name.startsWith('head.') },
    { matches: (name) => name.startsWith('line.'), learningRateFactor: lineRateFactor, weightDecay: 0 },
  ];
}

/** Noise of that deviation [B] on the last value of each step, so that a forecast learns not to trust what it feeds back. */
function withLagNoise(observed: tf.Tensor, deviation: tf.Tensor, noise: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const [values, rest] = tf.split(observed, [1, observed.shape[2]! - 1], 2) as [tf.Tensor, tf.Tensor];
    return tf.concat([tf.add(values, tf.mul(noise, tf.reshape(deviation, [-1, 1, 1]))), rest], 2);
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
