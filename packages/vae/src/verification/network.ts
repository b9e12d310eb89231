import {
  Conv2d,
  Dropout,
  Linear,
  Module,
  type RandomStream,
  type RandomTensors,
  Sequential,
  softmaxCrossEntropy,
} from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import { IMAGE_SIZE } from '../model.ts';

export const DIGITS = 10;

const HALVING = { kernelSize: 5, stride: 2, padding: 2 } as const;
const CHANNELS = [32, 64] as const;
const FEATURES = 128;
const SMALLEST_SIDE = IMAGE_SIZE / 4;
const DROPOUT_RATE = 0.2;

/**
 * Convolutional classifier of single digits, which scores reconstructions and generated images. A prediction counts only
 * if its probability reaches a tolerance.
 */
export class VerificationNetwork extends Module {
  readonly features: Sequential;
  readonly dropout = new Dropout(DROPOUT_RATE);
  readonly classifier: Linear;

  /** @param random draws the initial weights */
  constructor(random: RandomStream) {
    super();
    this.features = new Sequential(
      (images) => tf.reshape(images, [-1, IMAGE_SIZE, IMAGE_SIZE, 1]), // [B, 28, 28, 1]
      new Conv2d(1, CHANNELS[0], { ...HALVING, random: random.fork(0) }), // [B, 14, 14, 32]
      tf.relu,
      new Conv2d(CHANNELS[0], CHANNELS[1], { ...HALVING, random: random.fork(1) }), // [B, 7, 7, 64]
      tf.relu,
      (features) => tf.reshape(features, [-1, SMALLEST_SIDE * SMALLEST_SIDE * CHANNELS[1]]),
      new Linear(SMALLEST_SIDE * SMALLEST_SIDE * CHANNELS[1], FEATURES, { random: random.fork(2) }),
      tf.relu,
    );
    this.classifier = new Linear(FEATURES, DIGITS, { random: random.fork(3) });
  }

  /** Images [B, 784] in [0, 1] → logits [B, 10]. `random` is used in training only, by dropout. */
  forward(images: tf.Tensor, random: RandomTensors): tf.Tensor {
    return tf.tidy(() => this.classifier.forward(this.dropout.forward(this.features.forward(images), random)));
  }

  /**
   * Cross-entropy in nats: images [B, 784], labels [B] int32 → scalar. About half of the images are binarized, because
   * the network scores images of both kinds.
   */
  loss(images: tf.Tensor, labels: tf.Tensor, random: RandomTensors): tf.Tensor {
    return tf.tidy(() => {
      const binary = tf.cast(tf.less(random.uniform(images.shape), images), 'float32');
      const isGray = tf.cast(tf.less(random.uniform([images.shape[0], 1]), 0.5), 'float32');
      const drawn = tf.add(tf.mul(isGray, images), tf.mul(tf.sub(1, isGray), binary));
      return softmaxCrossEntropy(this.forward(drawn, random), labels);
    });
  }
}
