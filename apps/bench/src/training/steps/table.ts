import { AdamW, Module, type RandomStream } from '@motley/core';
import { config, TableNetwork, tableLoss } from '@motley/hr-attrition';
import * as tf from '@tensorflow/tfjs-core';
import type { Batch, TrainingStep } from '../step.ts';
import { normalTensor } from './random-batch.ts';

const BATCH_SIZE = 256;
const [NUMBERS, INDICATORS] = [23, 28];
const settings = config.resolve({ set: ['model.dropout=0', 'model.hiddenSizes=32', 'model.members=16'] });

/** The network of packages/hr-attrition, on as many columns as its table has, without dropout. */
class TableEnsemble extends Module {
  readonly network: TableNetwork;

  constructor(random: RandomStream) {
    super();
    const shape = { numbers: NUMBERS, indicators: INDICATORS, outputs: 1 };
    this.network = new TableNetwork(settings.model, shape, random);
  }

  /** `numbers` [B, 23], `indicators` [B, 28], `targets` [B] → nats, with the penalties. */
  loss({ numbers, indicators, targets }: Batch): tf.Tensor {
    const outputs = this.network.forward({ numbers: numbers!, indicators: indicators! });
    const options = { task: 'binary', kind: 'likelihood', penalty: 5e-3, linearPenalty: 1e-3 } as const;
    return tableLoss(outputs, targets!, this.network.squaredWeights(), options).loss;
  }
}

export const tableEnsemble: TrainingStep = {
  name: 'TabM',
  title: `16 networks of 32 units with shared weights on a table, batch ${BATCH_SIZE}, AdamW`,
  batchSize: BATCH_SIZE,
  learningRate: 3e-3,
  createModel: (random) => new TableEnsemble(random),
  createOptimizer: (parameters) => new AdamW(parameters),
  createBatch: (random) => ({
    numbers: normalTensor([BATCH_SIZE, NUMBERS], random),
    indicators: tf.tidy(() => tf.cast(tf.greater(normalTensor([BATCH_SIZE, INDICATORS], random), 0), 'float32')),
    targets: tf.tidy(() => tf.cast(tf.greater(normalTensor([BATCH_SIZE], random), 1), 'float32')),
  }),
};
