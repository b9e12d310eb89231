/**
 * ResNet of basic blocks (He et al., "Deep residual learning for image recognition", CVPR 2016, figure 5 left): two 3 × 3
 * convolutions with batch normalization, and the input added. The twin of ConvNeXt at equal cost.
 *
 * B batch, H height, W width, C channels, F features, O outputs.
 */
import {
  BatchNorm2d,
  Conv2d,
  heNormal,
  type Initializer,
  Linear,
  Module,
  type RandomStream,
  Sequential,
  type WeightOptions,
} from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import { Backbone } from './backbone.ts';

export interface ResNetShape {
  /** Blocks of each stage. */
  readonly depths: readonly number[];
  /** C of each stage. The last one is F. */
  readonly widths: readonly number[];
}

export interface ResNetOptions {
  /** O */
  readonly outputs: number;
  /** Pixels of the picture for each position after the stem. */
  readonly stemStride: 2 | 4;
  /** Draws the initial weights. */
  readonly random: RandomStream;
  /** Default `heNormal`; `zeros` where weights of a file follow. */
  readonly initializer?: Initializer;
}

function convolution(inputs: number, outputs: number, kernelSize: number, stride: number, options: WeightOptions) {
  return new Conv2d(inputs, outputs, { ...options, kernelSize, stride, padding: (kernelSize - 1) / 2, bias: false });
}

class BasicBlock extends Module {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly conv2: Conv2d;
  readonly bn2: BatchNorm2d;
  readonly downsample: Sequential | undefined;

  constructor(inputs: number, outputs: number, stride: number, options: WeightOptions) {
    super();
    const forked = (name: string) => ({ ...options, random: options.random.fork(name) });
    this.conv1 = convolution(inputs, outputs, 3, stride, forked('conv1'));
    this.bn1 = new BatchNorm2d(outputs);
    this.conv2 = convolution(outputs, outputs, 3, 1, forked('conv2'));
    this.bn2 = new BatchNorm2d(outputs);
    if (stride !== 1 || inputs !== outputs)
      this.downsample = new Sequential(
        convolution(inputs, outputs, 1, stride, forked('downsample')),
        new BatchNorm2d(outputs),
      );
  }

  /** [B, H, W, inputs] → [B, H / stride, W / stride, outputs] */
  forward(input: tf.Tensor): tf.Tensor {
    return tf.tidy(() => {
      const inner = tf.relu(this.bn1.forward(this.conv1.forward(input)));
      const residual = this.bn2.forward(this.conv2.forward(inner));
      return tf.relu(tf.add(residual, this.downsample?.forward(input) ?? input));
    });
  }
}

/** Stem, stages of basic blocks, global average pooling, linear layer. Weights have torchvision's names. */
export class ResNet extends Backbone {
  readonly features: number;
  readonly headName = 'fc';
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly stages: readonly (readonly BasicBlock[])[];
  readonly fc: Linear;
  readonly #pools: boolean;

  constructor({ depths, widths }: ResNetShape, { outputs, stemStride, random, initializer = heNormal }: ResNetOptions) {
    super();
    const weights = (name: string) => ({ random: random.fork(name), weightInitializer: initializer });
    this.conv1 = convolution(3, widths[0]!, 3, 2, weights('stem'));
    this.bn1 = new BatchNorm2d(widths[0]!);
    this.stages = depths.map((depth, stage) =>
      Array.from({ length: depth }, (_, place) => {
        const isFirst = place === 0;
        const inputs = isFirst && stage > 0 ? widths[stage - 1]! : widths[stage]!;
        const stride = isFirst && stage > 0 ? 2 : 1;
        return new BasicBlock(inputs, widths[stage]!, stride, weights(`block${stage}.${place}`));
      }),
    );
    this.features = widths.at(-1)!;
    this.fc = new Linear(this.features, outputs, { random: random.fork('head') });
    this.#pools = stemStride === 4;
  }

  protected override *children(): Generator<readonly [string, Module]> {
    yield ['conv1', this.conv1];
    yield ['bn1', this.bn1];
    for (const [stage, blocks] of this.stages.entries())
      for (const [place, block] of blocks.entries()) yield [`layer${stage + 1}.${place}`, block];
    yield ['fc', this.fc];
  }

  override maps(pictures: tf.Tensor): tf.Tensor {
    return tf.tidy(() => {
      let maps = tf.relu(this.bn1.forward(this.conv1.forward(pictures))); // [B, H / 2, W / 2, C]
      if (this.#pools) maps = tf.maxPool(maps as tf.Tensor4D, 2, 2, 'valid');
      for (const block of this.stages.flat()) maps = block.forward(maps);
      return maps;
    });
  }

  override forward(pictures: tf.Tensor): tf.Tensor {
    return tf.tidy(() => this.fc.forward(tf.mean(this.maps(pictures), [1, 2])));
  }
}

/** Multiplications of a forward pass of one picture of size × size pixels, without those of the last layer. */
export function resNetCost({ depths, widths }: ResNetShape, stemStride: 2 | 4, size: number): number {
  let cost = Math.floor(size / 2) ** 2 * 9 * 3 * widths[0]!;
  let side = Math.floor(size / stemStride);
  for (const [stage, width] of widths.entries()) {
    const inputs = stage > 0 ? widths[stage - 1]! : width;
    if (stage > 0) side = Math.ceil(side / 2);
    const first = 9 * inputs * width + 9 * width ** 2 + (stage > 0 ? inputs * width : 0);
    cost += side ** 2 * (first + (depths[stage]! - 1) * 18 * width ** 2);
  }
  return cost;
}
