import { Adam, Linear, Lstm, Module, type RandomStream } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Batch, TrainingStep } from '../step.ts';
import { normalTensor } from './random-batch.ts';

const batchSize = 32;
const features = 8;
const length = 96;

/** One number from a whole series, as in forecasting. */
class LstmRegression extends Module {
  readonly lstm: Lstm;
  readonly head: Linear;

  constructor(units: number, random: RandomStream) {
    super();
    this.lstm = new Lstm(features, units, { random });
    this.head = new Linear(units, 1, { random });
  }

  /** Mean squared error: `series` [B, T, 8], `targets` [B, 1]. */
  loss({ series, targets }: Batch): tf.Tensor {
    const last = tf.squeeze(this.lstm.forward(series!).hidden, [0]); // [B, D]
    return tf.mean(tf.squaredDifference(this.head.forward(last), targets!));
  }
}

export const lstms: readonly TrainingStep[] = [64, 256].map((units) => ({
  name: `LSTM-${units}`,
  title: `LSTM ${features}→${units}, ${length} steps, batch ${batchSize}, Adam`,
  batchSize,
  learningRate: 1e-3,
  createModel: (random) => new LstmRegression(units, random),
  createOptimizer: (parameters) => new Adam(parameters),
  createBatch: (random) => ({
    series: normalTensor([batchSize, length, features], random),
    targets: normalTensor([batchSize, 1], random),
  }),
}));
