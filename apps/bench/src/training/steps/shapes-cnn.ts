import { Adam, Module, type RandomStream } from '@motley/core';
import { shapesLoss, ShapesCnn } from '@motley/shapes-cnn';
import type * as tf from '@tensorflow/tfjs-core';
import type { Batch, TrainingStep } from '../step.ts';
import { imageBatch } from './random-batch.ts';

const batchSize = 32;
const imageSize = 64;
const classes = 10;
const channels = [16, 32, 64, 128];

/** The network of packages/shapes-cnn with its loss. */
class Classifier extends Module {
  readonly cnn: ShapesCnn;

  constructor(random: RandomStream) {
    super();
    this.cnn = new ShapesCnn({ channels, blocksPerStage: 1 }, random);
  }

  /** `images` [B, 64, 64, 3], `labels` [B]. */
  loss({ images, labels }: Batch): tf.Tensor {
    return shapesLoss(this.cnn.forward(images!), labels!).loss;
  }
}

export const shapesCnn: TrainingStep = {
  name: 'Shapes-CNN',
  title: `residual CNN ${channels.join('-')} with BN, ${imageSize}×${imageSize}, batch ${batchSize}, Adam`,
  batchSize,
  learningRate: 1e-3,
  createModel: (random) => new Classifier(random),
  createOptimizer: (parameters) => new Adam(parameters),
  createBatch: (random) => imageBatch(batchSize, imageSize, classes, random),
};
