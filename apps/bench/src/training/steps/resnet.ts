/**
 * ResNet-18 (He et al., 2016) with group normalization and weight standardization (Qiao et al., 2019) in place of batch
 * normalization, a backbone for batches of 1 and 32.
 */
import {
  GroupNorm,
  Linear,
  Module,
  type RandomStream,
  Sequential,
  Sgd,
  softmaxCrossEntropy,
  StandardizedConv2d,
} from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Batch, TrainingStep } from '../step.ts';
import { imageBatch } from './random-batch.ts';

const IMAGE_SIZE = 64;
const CLASSES = 10;
const GROUPS = 32;

function convolution(inputs: number, outputs: number, kernelSize: number, stride: number, random: RandomStream) {
  const padding = (kernelSize - 1) / 2;
  return new StandardizedConv2d(inputs, outputs, { kernelSize, stride, padding, bias: false, random });
}

class Block extends Module {
  readonly conv1: StandardizedConv2d;
  readonly norm1: GroupNorm;
  readonly conv2: StandardizedConv2d;
  readonly norm2: GroupNorm;
  readonly downsample: Sequential | undefined;

  constructor(inputs: number, outputs: number, stride: number, random: RandomStream) {
    super();
    this.conv1 = convolution(inputs, outputs, 3, stride, random);
    this.norm1 = new GroupNorm(GROUPS, outputs);
    this.conv2 = convolution(outputs, outputs, 3, 1, random);
    this.norm2 = new GroupNorm(GROUPS, outputs);
    if (stride !== 1)
      this.downsample = new Sequential(convolution(inputs, outputs, 1, stride, random), new GroupNorm(GROUPS, outputs));
  }

  /** [B, H, W, inputs] → [B, H / stride, W / stride, outputs] */
  forward(input: tf.Tensor): tf.Tensor {
    const inner = tf.relu(this.norm1.forward(this.conv1.forward(input)));
    const output = this.norm2.forward(this.conv2.forward(inner));
    return tf.relu(tf.add(output, this.downsample?.forward(input) ?? input));
  }
}

class ResNet extends Module {
  readonly conv1: StandardizedConv2d;
  readonly norm1 = new GroupNorm(GROUPS, 64);
  readonly blocks: readonly Block[];
  readonly classifier: Linear;

  constructor(random: RandomStream) {
    super();
    this.conv1 = convolution(3, 64, 7, 2, random);
    const widths = [64, 64, 128, 256, 512];
    this.blocks = widths.slice(1).flatMap((outputs, stage) => {
      const inputs = widths[stage]!;
      return [new Block(inputs, outputs, outputs === inputs ? 1 : 2, random), new Block(outputs, outputs, 1, random)];
    });
    this.classifier = new Linear(512, CLASSES, { random });
  }

  /** `images` [B, 64, 64, 3], `labels` [B]. */
  loss({ images, labels }: Batch): tf.Tensor {
    const stem = tf.relu(this.norm1.forward(this.conv1.forward(images!))); // [B, 32, 32, 64]
    // Nothing in it is below 0: zeros around it do not change a maximum.
    const padded = tf.pad(stem, [
      [0, 0],
      [1, 1],
      [1, 1],
      [0, 0],
    ]) as tf.Tensor4D;
    let features: tf.Tensor = tf.maxPool(padded, 3, 2, 'valid'); // [B, 16, 16, 64]
    for (const block of this.blocks) features = block.forward(features);
    return softmaxCrossEntropy(this.classifier.forward(tf.mean(features, [1, 2])), labels!);
  }
}

const resnetStep = (batchSize: number): TrainingStep => ({
  name: `ResNet-${batchSize}`,
  title: `ResNet-18, GN+WS, ${IMAGE_SIZE}×${IMAGE_SIZE}, batch ${batchSize}, SGD with momentum`,
  batchSize,
  learningRate: 1e-3, // a larger one diverges at batch 1, and rounding grows to tenths of a percent in five steps
  createModel: (random) => new ResNet(random),
  createOptimizer: (parameters) => new Sgd(parameters, { momentum: 0.9, weightDecay: 1e-4 }),
  createBatch: (random) => imageBatch(batchSize, IMAGE_SIZE, CLASSES, random),
});

export const resnets = [1, 32].map(resnetStep);
