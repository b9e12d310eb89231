import {
  fit,
  orDispose,
  type ParameterGroup,
  RandomStream,
  restored,
  type StateDict,
  type TensorRunContext,
  tensorSchedule,
} from '@motley/core';
import type { TrainingResult } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import type { ForecastConfig } from './config.ts';
import type { SeriesData } from './data.ts';
import { evaluate, meanLoss } from './evaluate.ts';
import { widthsOf, type ScaledSeries } from './feature-scaler.ts';
import { fitQuantiles, fitLinearHead } from './linear-initialization.ts';
import { forecastLoss } from './loss.ts';
import { SeriesForecaster } from './model.ts';
import { forecastStarts } from './series/split.ts';
import { WindowBatches } from './windows.ts';

/** Stream of the initial weights. */
function weightsOf({ training }: Pick<ForecastConfig, 'training'>): RandomStream {
  return RandomStream.fromSeed(training.seed).fork('weights');
}

/** A forecaster with the initial weights of its seed and a scaler fitted on the training part. */
export function createModel(config: ForecastConfig, { series, parts }: SeriesData): SeriesForecaster {
  const model = new SeriesForecaster(
    config.model,
    { ...widthsOf(series), season: config.features.season },
    weightsOf(config),
  );
  model.scaler.fit(series, parts.training, config.features);
  return model;
}

/**
 * The ridge regression that the training of a recursive forecaster starts from and has to improve on.
 * @returns undefined for a direct forecaster, or one without the skip
 */
export async function createLinearModel(
  config: ForecastConfig,
  data: SeriesData,
): Promise<SeriesForecaster | undefined> {
  if (!startsLinear(config)) return undefined;
  const model = createModel(config, data);
  return orDispose(model, async () => {
    await initializeLinear(model, await model.scaler.apply(data.series), data, config);
    return model;
  });
}

function startsLinear({ model: { skip, forecast } }: ForecastConfig): boolean {
  return skip && forecast === 'recursive';
}

async function initializeLinear(
  model: SeriesForecaster,
  scaled: ScaledSeries,
  data: SeriesData,
  config: ForecastConfig,
): Promise<void> {
  if (!startsLinear(config)) return;
  const { horizon, window } = config.model;
  const training = { from: data.firstCompleteStep, to: data.parts.training.to };
  // Forecasts that do not overlap are enough to choose a penalty.
  const apart = { ...config, evaluation: { ...config.evaluation, startStride: horizon } };
  await fitLinearHead(model, scaled, training, async () => {
    const { meanSquaredError } = await meanLoss(model, scaled, data, 'validation', apart);
    return meanSquaredError!;
  });
  const span = { from: training.from + window, to: training.to };
  await fitQuantiles(model, scaled, forecastStarts(span, { horizon, window, stride: horizon }, data.series));
}

/** A forecaster with the weights of a checkpoint, ready for evaluation. The caller disposes of it. */
export function restoreModel(config: ForecastConfig, data: SeriesData, weights: StateDict): SeriesForecaster {
  return restored(createModel(config, data), weights);
}

/** Trains a forecaster, and measures its best weights on the test part. The caller disposes of the model. */
export async function train(
  config: ForecastConfig,
  data: SeriesData,
  context: TensorRunContext = {},
): Promise<{ readonly model: SeriesForecaster; readonly result: TrainingResult }> {
  const { training, loss, model: shape } = config;
  const { window, horizon } = shape;
  const model = createModel(config, data);
  return orDispose(model, async () => {
    const scaled = await model.scaler.apply(data.series);
    await initializeLinear(model, scaled, data, config);
    // Training windows lie within their part as a whole: their own steps count in the loss, too.
    const [from, { to }] = [data.firstCompleteStep, data.parts.training];
    const starts = forecastStarts({ from: from + window, to }, { horizon, window }, data.series);
    const random = RandomStream.fromSeed(training.seed).fork('order');
    const batches = new WindowBatches(scaled, starts, { ...shape, batchSize: training.batchSize, random });
    const noiseAt = loss.lagNoise === 0 ? undefined : lagNoiseSchedule(config, batches.batchesPerEpoch);
    const result = await fit({
      ...context,
      ...training,
      model,
      parameterGroups: parameterGroups(loss),
      trainingBatches: batches,
      loss: ({ observed, known, targets }, { random: noise, step }) => {
        const read =
          noiseAt === undefined
            ? observed
            : withLagNoise(observed, noiseAt(step), noise.normal([...observed.shape.slice(0, 2), 1]));
        return forecastLoss(model.forward({ observed: read, known }), targets, shape.quantiles, loss);
      },
      validate: (limits) => meanLoss(model, scaled, data, 'validation', config, limits),
      test: async () => (await evaluate(model, data, config)).metrics,
    });
    return { model, result };
  });
}

/** The linear head has a learning rate of its own, and no decay. The head decays with its bias. */
function parameterGroups({ linearHeadRateFactor }: ForecastConfig['loss']): ParameterGroup[] {
  return [
    { matches: (name) => name.startsWith('head.') },
    { matches: (name) => name.startsWith('linearHead.'), learningRateFactor: linearHeadRateFactor, weightDecay: 0 },
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
