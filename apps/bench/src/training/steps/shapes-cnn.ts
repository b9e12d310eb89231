import { Adam, Module, type RandomStream } from '@motley/core';
import { shapesLoss, ShapesCnn } from '@motley/shapes-cnn';
import type * as tf from '@tensorflow/tfjs-core';
import type { Batch, TrainingStep } from '../step.ts';
import { imageBatch } from './random-batch.ts';

const BATCH_SIZE = 32;
const IMAGE_SIZE = 64;
const CLASSES = 10;
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
  title: `residual CNN ${channels.join('-')} with BN, ${IMAGE_SIZE}×${IMAGE_SIZE}, batch ${BATCH_SIZE}, Adam`,
  batchSize: BATCH_SIZE,
  learningRate: 1e-3,
  createModel: (random) => new Classifier(random),
  createOptimizer: (parameters) => new Adam(parameters),
  createBatch: (random) => imageBatch(BATCH_SIZE, IMAGE_SIZE, CLASSES, random),
};
