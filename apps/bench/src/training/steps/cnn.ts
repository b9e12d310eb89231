import { Adam, Conv2d, Linear, Module, type RandomStream, Sequential, softmaxCrossEntropy } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Batch, TrainingStep } from '../step.ts';
import { imageBatch } from './random-batch.ts';

const BATCH_SIZE = 64;
const IMAGE_SIZE = 64;
const CLASSES = 10;

const halve = (images: tf.Tensor): tf.Tensor => tf.maxPool(images as tf.Tensor4D, 2, 2, 'valid');

/** Two convolutions, each halved, then a perceptron. */
class Cnn extends Module {
  readonly layers: Sequential;

  constructor(random: RandomStream) {
    super();
    this.layers = new Sequential(
      new Conv2d(3, 32, { kernelSize: 3, padding: 1, random }), // [B, 64, 64, 32]
      tf.relu,
      halve,
      new Conv2d(32, 64, { kernelSize: 3, padding: 1, random }), // [B, 32, 32, 64]
      tf.relu,
      halve,
      (features) => tf.mean(features, [1, 2]), // [B, 64]
      new Linear(64, CLASSES, { random }),
    );
  }

  /** `images` [B, 64, 64, 3], `labels` [B]. */
  loss({ images, labels }: Batch): tf.Tensor {
    return softmaxCrossEntropy(this.layers.forward(images!), labels!);
  }
}

export const cnn: TrainingStep = {
  name: 'CNN',
  title: `CNN 3→32→64, 64×64, batch ${BATCH_SIZE}, Adam`,
  batchSize: BATCH_SIZE,
  learningRate: 1e-3,
  createModel: (random) => new Cnn(random),
  createOptimizer: (parameters) => new Adam(parameters),
  createBatch: (random) => imageBatch(BATCH_SIZE, IMAGE_SIZE, CLASSES, random),
};
