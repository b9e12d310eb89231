/**
 * The shape of a detector's second stage (Girshick, "Fast R-CNN", 2015; He et al., "Mask R-CNN", 2017): a backbone, a
 * square of features for each box, and a head that says what is in it and where exactly.
 *
 * B images, R boxes in each, P positions along a side of a square, S side of the feature map, C channels.
 */
import { Adam, Conv2d, Linear, Module, type RandomStream, Sequential, softmaxCrossEntropy } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Batch, TrainingStep } from '../step.ts';
import { integerTensor, normalTensor } from './random-batch.ts';

const BATCH_SIZE = 4;
const IMAGE_SIZE = 128;
const BOXES_PER_IMAGE = 32;
const STRIDE = 4;
const CHANNELS = 64;
const SIDE = 7;
const SAMPLES = 2;
const CLASSES = 11;

/**
 * How much each row (or column) of the feature map counts for each position of each box: the mean of bilinear
 * interpolations at `samples` points, which are spread evenly over the position's part of the box. Interpolation is
 * separable, so that this is all there is to a direction; the derivative of its products is the interpolation's.
 *
 * @param from where the boxes begin, in pixels of the feature map, [B, R]
 * @param to where they end, [B, R]
 * @returns [B, R, P, size]
 */
function interpolationWeights(from: tf.Tensor, to: tf.Tensor, size: number): tf.Tensor {
  const count = SIDE * SAMPLES;
  const fractions = tf.tensor1d(Array.from({ length: count }, (_, index) => (index + 0.5) / count));
  const begin = tf.expandDims(from, 2);
  const points = tf.add(begin, tf.mul(tf.sub(tf.expandDims(to, 2), begin), fractions)); // [B, R, P samples]
  const inside = tf.expandDims(tf.clipByValue(tf.sub(points, 0.5), 0, size - 1), 3);
  const pixels = tf.tensor1d(Array.from({ length: size }, (_, index) => index));
  const hats = tf.relu(tf.sub(1, tf.abs(tf.sub(inside, pixels)))); // [B, R, P samples, S]
  return tf.mean(tf.reshape(hats, [-1, BOXES_PER_IMAGE, SIDE, SAMPLES, size]), 3);
}

/**
 * ROI align (He et al., 2017, section 3), as two products.
 *
 * @param features [B, S, S, C]
 * @param boxes [B, R, 4], x₁ y₁ x₂ y₂ in pixels of the image
 * @returns [B R, P, P, C]
 */
function roiAlign(features: tf.Tensor, boxes: tf.Tensor): tf.Tensor {
  const size = IMAGE_SIZE / STRIDE;
  const [left, top, right, bottom] = tf.unstack(tf.mul(boxes, 1 / STRIDE), 2);
  const rows = tf.reshape(interpolationWeights(top!, bottom!, size), [-1, BOXES_PER_IMAGE * SIDE, size]);
  const columns = tf.reshape(interpolationWeights(left!, right!, size), [-1, 1, SIDE, size]); // [B R, 1, P, S]
  const bands = tf.matMul(rows, tf.reshape(features, [-1, size, size * CHANNELS])); // [B, R P, S C]
  return tf.matMul(columns, tf.reshape(bands, [-1, SIDE, size, CHANNELS]));
}

/** |d| − ½ beyond 1, ½ d² within (Girshick, 2015, equation 3). */
function smoothL1(differences: tf.Tensor): tf.Tensor {
  const distance = tf.abs(differences);
  const within = tf.clipByValue(distance, 0, 1);
  return tf.mean(tf.sub(tf.add(tf.mul(0.5, tf.square(within)), distance), within));
}

class Detector extends Module {
  readonly backbone: Sequential;
  readonly head: Linear;
  readonly classifier: Linear;
  readonly regressor: Linear;

  constructor(random: RandomStream) {
    super();
    const convolution = (inputs: number, outputs: number, step: number) =>
      new Conv2d(inputs, outputs, { kernelSize: 3, stride: step, padding: 1, random });
    this.backbone = new Sequential(
      convolution(3, 32, 2),
      tf.relu,
      convolution(32, CHANNELS, 2),
      tf.relu,
      convolution(CHANNELS, CHANNELS, 1),
      tf.relu,
      convolution(CHANNELS, CHANNELS, 1),
      tf.relu,
    );
    this.head = new Linear(SIDE * SIDE * CHANNELS, 256, { random });
    this.classifier = new Linear(256, CLASSES, { random });
    this.regressor = new Linear(256, 4, { random });
  }

  /** `images` [B, 128, 128, 3], `boxes` [B, R, 4], `labels` [B, R], `offsets` [B, R, 4]. */
  loss({ images, boxes, labels, offsets }: Batch): tf.Tensor {
    const squares = roiAlign(this.backbone.forward(images!), boxes!);
    const hidden = tf.relu(this.head.forward(tf.reshape(squares, [-1, SIDE * SIDE * CHANNELS]))); // [B R, 256]
    const classification = softmaxCrossEntropy(this.classifier.forward(hidden), tf.reshape(labels!, [-1]));
    const regression = smoothL1(tf.sub(this.regressor.forward(hidden), tf.reshape(offsets!, [-1, 4])));
    return tf.add(classification, regression);
  }
}

/** Boxes between 8 pixels and the whole image: [B, R, 4]. */
function randomBoxes(random: RandomStream): tf.Tensor {
  const smallest = 8;
  const corners = Array.from({ length: BATCH_SIZE * BOXES_PER_IMAGE }, () => {
    const [width, height] = random.uniformValues(2, smallest, IMAGE_SIZE) as unknown as [number, number];
    const [x, y] = random.uniformValues(2) as unknown as [number, number];
    const [left, top] = [x * (IMAGE_SIZE - width), y * (IMAGE_SIZE - height)];
    return [left, top, left + width, top + height];
  });
  return tf.tensor(corners.flat(), [BATCH_SIZE, BOXES_PER_IMAGE, 4], 'float32');
}

export const detection: TrainingStep = {
  name: 'Detection',
  title: `convolutions at ${IMAGE_SIZE}×${IMAGE_SIZE}, ROI align of ${BOXES_PER_IMAGE} boxes each, batch ${BATCH_SIZE}, Adam`,
  batchSize: BATCH_SIZE,
  learningRate: 1e-3,
  createModel: (random) => new Detector(random),
  createOptimizer: (parameters) => new Adam(parameters),
  createBatch: (random) => ({
    images: normalTensor([BATCH_SIZE, IMAGE_SIZE, IMAGE_SIZE, 3], random),
    boxes: randomBoxes(random),
    labels: integerTensor([BATCH_SIZE, BOXES_PER_IMAGE], CLASSES, random),
    offsets: normalTensor([BATCH_SIZE, BOXES_PER_IMAGE, 4], random),
  }),
};
