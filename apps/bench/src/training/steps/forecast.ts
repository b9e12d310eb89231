import { Adam, Module, type RandomStream } from '@motley/core';
import { forecastLoss, SeriesForecaster } from '@motley/lstm-forecast';
import type * as tf from '@tensorflow/tfjs-core';
import type { Batch, TrainingStep } from '../step.ts';
import { normalTensor } from './random-batch.ts';

const BATCH_SIZE = 64;
const [window, horizon, units] = [48, 24, 64];
const [pastCovariates, knownFeatures] = [1, 6];
const quantiles = [0.05, 0.25, 0.5, 0.75, 0.95];

/** The forecaster of packages/lstm-forecast: reads a window, then feeds itself over the horizon. */
class RecursiveForecast extends Module {
  readonly network: SeriesForecaster;

  constructor(random: RandomStream) {
    super();
    const config = {
      window,
      horizon,
      units,
      quantiles,
      forecast: 'recursive',
      skip: true,
    } as const;
    this.network = new SeriesForecaster({ ...config, quantiles }, { pastCovariates, knownFeatures }, random);
  }

  /** `observed` [B, W, 1 + P], `known` [B, W + H - 1, K], `targets` [B, W + H - 1]. */
  loss({ observed, known, targets }: Batch): tf.Tensor {
    const forecast = this.network.forward({ observed: observed!, known });
    return forecastLoss(forecast, targets!, quantiles, { oneStepWeight: 0.1, quantileWeight: 0.5 }).loss;
  }
}

export const forecast: TrainingStep = {
  name: 'Forecast',
  title: `recursive LSTM ${units}, ${window} steps read and ${horizon} forecast, batch ${BATCH_SIZE}, Adam`,
  batchSize: BATCH_SIZE,
  learningRate: 1e-3,
  createModel: (random) => new RecursiveForecast(random),
  createOptimizer: (parameters) => new Adam(parameters),
  createBatch: (random) => ({
    observed: normalTensor([BATCH_SIZE, window, 1 + pastCovariates], random),
    known: normalTensor([BATCH_SIZE, window + horizon - 1, knownFeatures], random),
    targets: normalTensor([BATCH_SIZE, window + horizon - 1], random),
  }),
};
