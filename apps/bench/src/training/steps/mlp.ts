import { AdamW, Linear, Module, type RandomStream, Sequential } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Batch, TrainingStep } from '../step.ts';
import { normalTensor } from './random-batch.ts';

const BATCH_SIZE = 256;
const FEATURES = 50;

/** Regression on the rows of a table. */
class Mlp extends Module {
  readonly layers: Sequential;

  constructor(random: RandomStream) {
    super();
    this.layers = new Sequential(
      new Linear(FEATURES, 256, { random }),
      tf.relu,
      new Linear(256, 128, { random }),
      tf.relu,
      new Linear(128, 1, { random }),
    );
  }

  /** Mean squared error: `rows` [B, 50], `targets` [B, 1]. */
  loss({ rows, targets }: Batch): tf.Tensor {
    return tf.mean(tf.squaredDifference(this.layers.forward(rows!), targets!));
  }
}

export const mlp: TrainingStep = {
  name: 'MLP',
  title: `MLP 50-256-128-1 on a table, batch ${BATCH_SIZE}, AdamW`,
  batchSize: BATCH_SIZE,
  learningRate: 1e-3,
  createModel: (random) => new Mlp(random),
  createOptimizer: (parameters) => new AdamW(parameters),
  createBatch: (random) => ({
    rows: normalTensor([BATCH_SIZE, FEATURES], random),
    targets: normalTensor([BATCH_SIZE, 1], random),
  }),
};
