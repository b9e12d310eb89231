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
import type { MethodShare } from './combination/fit-combination.ts';
import { LinearPath } from './combination/linear-path.ts';
import { fitPath, startCorrection } from './combination/start.ts';
import type { SeriesData } from './data.ts';
import { evaluate, meanLoss, startsOf } from './evaluate.ts';
import { widthsOf, type ScaledSeries } from './feature-scaler.ts';
import { fitQuantiles, fitLinearHead } from './linear-initialization.ts';
import { forecastLoss } from './loss.ts';
import { SeriesForecaster } from './model.ts';
import { forecastStarts } from './series/split.ts';
import type { ForecastSettings } from './settings.ts';
import { WindowBatches } from './windows.ts';

/** Stream of the initial weights. */
function weightsOf({ training }: Pick<ForecastSettings, 'training'>): RandomStream {
  return RandomStream.fromSeed(training.seed).fork('weights');
}

/** A forecaster with the initial weights of its seed and a scaler fitted on the training part. */
export function createModel(
  config: ForecastSettings,
  { series, parts }: SeriesData,
  path?: LinearPath,
): SeriesForecaster {
  const widths = { ...widthsOf(series), season: config.features.season };
  const model = new SeriesForecaster(config.model, widths, weightsOf(config), path);
  model.scaler.fit(series, parts.training, config.features);
  return model;
}

/** A forecaster as its training starts: its linear part is fitted, whether the network learns or corrects it. */
async function createStart(config: ForecastSettings, data: SeriesData): Promise<StartingModel> {
  const fitted = config.model.forecast === 'corrected' ? fitPath(data, config.model) : undefined;
  const model = createModel(config, data, fitted?.path);
  return orDispose(model, async () => {
    const scaled = await model.scale(data.series);
    if (fitted === undefined) await initializeLinear(model, scaled, data, config);
    else startCorrection(model, scaled, startsOf(data, 'validation', config));
    return { model, scaled, shares: fitted?.shares ?? [] };
  });
}

/** A forecaster before its training. */
interface StartingModel {
  readonly model: SeriesForecaster;
  readonly scaled: ScaledSeries;
  /** Linear methods that the network corrects, the largest share first. */
  readonly shares: readonly MethodShare[];
}

/**
 * The linear model that the training starts from and has to improve on: a ridge regression, or the combination that the
 * network corrects.
 * @returns undefined for a direct forecaster, or one without the skip
 */
export async function createLinearModel(
  config: ForecastSettings,
  data: SeriesData,
): Promise<SeriesForecaster | undefined> {
  return startsLinear(config) ? (await createStart(config, data)).model : undefined;
}

function startsLinear({ model: { skip, forecast } }: ForecastSettings): boolean {
  return forecast === 'corrected' || (skip && forecast === 'recursive');
}

async function initializeLinear(
  model: SeriesForecaster,
  scaled: ScaledSeries,
  data: SeriesData,
  config: ForecastSettings,
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
export function restoreModel(config: ForecastSettings, data: SeriesData, weights: StateDict): SeriesForecaster {
  const shape = LinearPath.shapeIn(weights);
  return restored(createModel(config, data, shape && new LinearPath(shape)), weights);
}

export interface Trained extends Pick<StartingModel, 'model' | 'shares'> {
  readonly result: TrainingResult;
}

/** Trains a forecaster, and measures its best weights on the test part. The caller disposes of the model. */
export async function train(
  config: ForecastSettings,
  data: SeriesData,
  context: TensorRunContext = {},
): Promise<Trained> {
  const { training, loss, model: shape } = config;
  const { horizon } = shape;
  const { model, scaled, shares } = await createStart(config, data);
  return orDispose(model, async () => {
    const window = Math.max(shape.window, scaled.corrected?.window ?? 0);
    // Training windows lie within their part as a whole: their own steps count in the loss, too.
    const [from, { to }] = [data.firstCompleteStep, data.parts.training];
    const starts = forecastStarts({ from: from + window, to }, { horizon, window }, data.series);
    const random = RandomStream.fromSeed(training.seed).fork('order');
    const { batchSize } = training;
    const batches = new WindowBatches(scaled, starts, { ...shape, batchSize, random, clipTargets: true });
    const noiseAt = loss.lagNoise === 0 ? undefined : lagNoiseSchedule(config, batches.batchesPerEpoch);
    const result = await fit({
      ...context,
      ...training,
      model,
      parameterGroups: parameterGroups(loss),
      trainingBatches: batches,
      startIsCandidate: startsLinear(config),
      loss: ({ observed, known, base, targets }, { random: noise, step }) => {
        const read =
          noiseAt === undefined
            ? observed
            : withLagNoise(observed, noiseAt(step), noise.normal([...observed.shape.slice(0, 2), 1]));
        return forecastLoss(model.forward({ observed: read, known, base }), targets, shape.quantiles, loss);
      },
      validate: (limits) => meanLoss(model, scaled, data, 'validation', config, limits),
      test: async () => (await evaluate(model, data, config)).metrics,
    });
    return { model, result, shares };
  });
}

/** The linear head has a learning rate of its own, and no decay. The head decays with its bias. */
function parameterGroups({ linearHeadRateFactor }: ForecastSettings['loss']): ParameterGroup[] {
  return [
    { matches: (name) => name.startsWith('head.') },
    { matches: (name) => name.startsWith('linearHead.'), learningRateFactor: linearHeadRateFactor, weightDecay: 0 },
  ];
}

/** Deviation of the noise on the last values, by step: rises linearly from 0 over the first epochs. */
function lagNoiseSchedule(
  { loss: { lagNoise, lagNoiseRiseInEpochs }, training }: ForecastSettings,
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
