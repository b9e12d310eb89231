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
const SMALLEST = IMAGE_SIZE / 4;
const DROPOUT_RATE = 0.2;

/**
 * Which digit an image shows and how sure that is: what judges generated images. Its probabilities are beliefs, of which
 * those below a tolerance count as "I cannot say".
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
      (features) => tf.reshape(features, [-1, SMALLEST * SMALLEST * CHANNELS[1]]),
      new Linear(SMALLEST * SMALLEST * CHANNELS[1], FEATURES, { random: random.fork(2) }),
      tf.relu,
    );
    this.classifier = new Linear(FEATURES, DIGITS, { random: random.fork(3) });
  }

  /** [B, 784] in [0, 1] → logits [B, 10]. `random` is for training alone. */
  forward(images: tf.Tensor, random: RandomTensors): tf.Tensor {
    return tf.tidy(() => this.classifier.forward(this.dropout.forward(this.features.forward(images), random)));
  }

  /**
   * Cross-entropy in nats, every second image being black and white by its gray levels: what it is to judge is of either
   * kind. Images [B, 784], labels [B] int32 → scalar.
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
