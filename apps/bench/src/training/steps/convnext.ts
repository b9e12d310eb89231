/** Blocks of ConvNeXt (Liu et al., 2022, figure 4): a depthwise convolution and an inverted bottleneck. */
import {
  AdamW,
  Conv2d,
  DepthwiseConv2d,
  gelu,
  LayerNorm,
  Linear,
  Module,
  parameter,
  type RandomStream,
  softmaxCrossEntropy,
} from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Batch, TrainingStep } from '../step.ts';
import { imageBatch } from './random-batch.ts';

const BATCH_SIZE = 16;
const IMAGE_SIZE = 112;
const WIDTH = 96;
const CLASSES = 10;

class Block extends Module {
  readonly depthwise: DepthwiseConv2d;
  readonly norm = new LayerNorm(WIDTH);
  readonly wide: Linear;
  readonly narrow: Linear;
  readonly layer_scale = parameter(tf.fill([WIDTH], 1e-1));

  constructor(random: RandomStream) {
    super();
    this.depthwise = new DepthwiseConv2d(WIDTH, { kernelSize: 7, padding: 3, random });
    this.wide = new Linear(WIDTH, 4 * WIDTH, { random });
    this.narrow = new Linear(4 * WIDTH, WIDTH, { random });
  }

  /** [B, H, W, C] → the same */
  forward(input: tf.Tensor): tf.Tensor {
    const rows = tf.reshape(this.norm.forward(this.depthwise.forward(input)), [-1, WIDTH]);
    const mixed = this.narrow.forward(gelu(this.wide.forward(rows)));
    return tf.add(input, tf.mul(tf.reshape(mixed, input.shape), this.layer_scale));
  }
}

class ConvNeXt extends Module {
  readonly stem: Conv2d;
  readonly blocks: readonly Block[];
  readonly classifier: Linear;

  constructor(random: RandomStream) {
    super();
    this.stem = new Conv2d(3, WIDTH, { kernelSize: 4, stride: 4, random });
    this.blocks = [new Block(random), new Block(random)];
    this.classifier = new Linear(WIDTH, CLASSES, { random });
  }

  /** `images` [B, 112, 112, 3], `labels` [B]. */
  loss({ images, labels }: Batch): tf.Tensor {
    let features = this.stem.forward(images!); // [B, 28, 28, 96]
    for (const block of this.blocks) features = block.forward(features);
    return softmaxCrossEntropy(this.classifier.forward(tf.mean(features, [1, 2])), labels!);
  }
}

export const convnext: TrainingStep = {
  name: 'ConvNeXt',
  title: `two ConvNeXt blocks, width ${WIDTH}, 28×28, batch ${BATCH_SIZE}, AdamW`,
  batchSize: BATCH_SIZE,
  learningRate: 1e-3,
  createModel: (random) => new ConvNeXt(random),
  createOptimizer: (parameters) => new AdamW(parameters),
  createBatch: (random) => imageBatch(BATCH_SIZE, IMAGE_SIZE, CLASSES, random),
};
