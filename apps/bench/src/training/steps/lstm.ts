import { Adam, Linear, Lstm, Module, type RandomStream } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Batch, TrainingStep } from '../step.ts';
import { normalTensor } from './random-batch.ts';

const BATCH_SIZE = 32;
const FEATURES = 8;
const LENGTH = 96;

/** One number from a whole series, as in forecasting. */
class LstmRegression extends Module {
  readonly lstm: Lstm;
  readonly head: Linear;

  constructor(units: number, random: RandomStream) {
    super();
    this.lstm = new Lstm(FEATURES, units, { random });
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
  title: `LSTM ${FEATURES}→${units}, ${LENGTH} steps, batch ${BATCH_SIZE}, Adam`,
  batchSize: BATCH_SIZE,
  learningRate: 1e-3,
  createModel: (random) => new LstmRegression(units, random),
  createOptimizer: (parameters) => new Adam(parameters),
  createBatch: (random) => ({
    series: normalTensor([BATCH_SIZE, LENGTH, FEATURES], random),
    targets: normalTensor([BATCH_SIZE, 1], random),
  }),
}));
