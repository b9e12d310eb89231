/**
 * ConvNeXt (Liu et al., "A ConvNet for the 2020s", CVPR 2022, arXiv 2201.03545): a residual network with the proportions
 * of a vision transformer. Each block (figure 4) filters every channel by a depthwise 7 × 7 convolution, normalizes each
 * position, and mixes the channels by an inverted bottleneck of four times the width with one GELU. Layer scale (Touvron
 * et al., ICCV 2021) and stochastic depth (Huang et al., ECCV 2016) weigh its residual.
 *
 * B batch, H height, W width, C channels, F features, O outputs.
 */
import {
  Conv2d,
  DepthwiseConv2d,
  Dropout,
  gelu,
  type Initializer,
  LayerNorm,
  Linear,
  Module,
  normal,
  parameter,
  type RandomStream,
  type RandomTensors,
  type WeightOptions,
} from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import { Backbone } from './backbone.ts';

/** Numbers in which two ConvNeXts differ. */
export interface ConvNextShape {
  /** Blocks of each stage. */
  readonly depths: readonly number[];
  /** C of each stage. The last one is F. */
  readonly widths: readonly number[];
}

/** The published sizes (section 3), with 28.6, 50.2, 88.6 and 197.8 million parameters and 1,000 classes. */
export const convNextShapes = {
  tiny: { depths: [3, 3, 9, 3], widths: [96, 192, 384, 768] },
  small: { depths: [3, 3, 27, 3], widths: [96, 192, 384, 768] },
  base: { depths: [3, 3, 27, 3], widths: [128, 256, 512, 1024] },
  large: { depths: [3, 3, 27, 3], widths: [192, 384, 768, 1536] },
} as const satisfies Readonly<Record<string, ConvNextShape>>;

export interface ConvNextOptions {
  /** O */
  readonly outputs: number;
  /** Pixels from one patch of the stem to the next; patches are 4 × 4 pixels. Default 4, as published. */
  readonly stemStride?: 2 | 4;
  /** Factor of each residual at the start. Default 1e-6, as published; null leaves it out. */
  readonly layerScale?: number | null;
  /** Probability that the last block is skipped in training. It grows from 0 at the first one. Default 0. */
  readonly stochasticDepth?: number;
  /** Draws the initial weights. */
  readonly random: RandomStream;
  /** Default N(0, 0.02²), as published; `zeros` where weights of a file follow. */
  readonly initializer?: Initializer;
}

const STEM_KERNEL = 4;
const EXPANSION = 4;
const KERNEL = 7;
const EPSILON = 1e-6;

/** The layer with a bias of 0. */
function withoutBias<Layer extends { readonly bias: tf.Variable | undefined }>(layer: Layer): Layer {
  tf.tidy(() => layer.bias?.assign(tf.zerosLike(layer.bias)));
  return layer;
}

/** x + γ W₂ gelu(W₁ norm(depthwise(x))), the residual dropped as a whole for some pictures in training. */
class Block extends Module {
  readonly gamma: tf.Variable | undefined; // [C]
  readonly dwconv: DepthwiseConv2d;
  readonly norm: LayerNorm;
  readonly pwconv1: Linear;
  readonly pwconv2: Linear;
  /** Dropout of ones, one for each picture, is stochastic depth. */
  readonly skip: Dropout;

  constructor(width: number, layerScale: number | null, skipProbability: number, options: WeightOptions) {
    super();
    const { random } = options;
    if (layerScale !== null) this.gamma = parameter(tf.fill([width], layerScale));
    const forked = (name: string) => ({ ...options, random: random.fork(name) });
    this.dwconv = withoutBias(
      new DepthwiseConv2d(width, { ...forked('depthwise'), kernelSize: KERNEL, padding: (KERNEL - 1) / 2 }),
    );
    this.norm = new LayerNorm(width, { epsilon: EPSILON });
    this.pwconv1 = withoutBias(new Linear(width, EXPANSION * width, forked('wide')));
    this.pwconv2 = withoutBias(new Linear(EXPANSION * width, width, forked('narrow')));
    this.skip = new Dropout(skipProbability);
  }

  /** [B, H, W, C] → the same. @param random noise, in training alone */
  forward(input: tf.Tensor, random: RandomTensors | undefined): tf.Tensor {
    return tf.tidy(() => {
      const wide = this.pwconv1.forward(this.norm.forward(this.dwconv.forward(input))); // [B, H, W, 4 C]
      let residual = this.pwconv2.forward(gelu(wide)); // [B, H, W, C]
      if (this.gamma !== undefined) residual = tf.mul(residual, this.gamma);
      if (random !== undefined && this.skip.rate > 0)
        residual = tf.mul(residual, this.skip.forward(tf.ones([input.shape[0], 1, 1, 1]), random));
      return tf.add(input, residual);
    });
  }
}

/** Stem of patches, stages of blocks with halved maps between them, global average pooling, LayerNorm, linear layer. */
export class ConvNext extends Backbone {
  readonly features: number;
  readonly headName = 'head';
  readonly stages: readonly (readonly Block[])[];
  readonly norm: LayerNorm;
  readonly head: Linear;
  readonly #stem: readonly [Conv2d, LayerNorm];
  readonly #halvings: readonly (readonly [LayerNorm, Conv2d])[];

  constructor({ depths, widths }: ConvNextShape, options: ConvNextOptions) {
    super();
    const {
      outputs,
      stemStride = 4,
      layerScale = 1e-6,
      stochasticDepth = 0,
      random,
      initializer = normal(0.02),
    } = options;
    const weights = (name: string) => ({ random: random.fork(name), weightInitializer: initializer });
    // As many zeros around the picture as make its maps H / stride, W / stride.
    const stem = { kernelSize: STEM_KERNEL, stride: stemStride, padding: (STEM_KERNEL - stemStride) / 2 };
    this.#stem = [
      withoutBias(new Conv2d(3, widths[0]!, { ...weights('stem'), ...stem })),
      new LayerNorm(widths[0]!, { epsilon: EPSILON }),
    ];
    this.#halvings = widths
      .slice(1)
      .map((width, stage) => [
        new LayerNorm(widths[stage]!, { epsilon: EPSILON }),
        withoutBias(new Conv2d(widths[stage]!, width, { ...weights(`halving${stage}`), kernelSize: 2, stride: 2 })),
      ]);
    const last = Math.max(1, depths.reduce((sum, depth) => sum + depth, 0) - 1);
    let number = 0;
    this.stages = depths.map((depth, stage) =>
      Array.from({ length: depth }, () => {
        const skip = (stochasticDepth * number) / last;
        return new Block(widths[stage]!, layerScale, skip, weights(`block${number++}`));
      }),
    );
    this.features = widths.at(-1)!;
    this.norm = new LayerNorm(this.features, { epsilon: EPSILON });
    this.head = withoutBias(new Linear(this.features, outputs, weights('head')));
  }

  /** The names of the authors' weights. */
  protected override *children(): Generator<readonly [string, Module]> {
    for (const [stage, pair] of [this.#stem, ...this.#halvings].entries())
      for (const [place, layer] of pair.entries()) yield [`downsample_layers.${stage}.${place}`, layer];
    for (const [stage, blocks] of this.stages.entries())
      for (const [place, block] of blocks.entries()) yield [`stages.${stage}.${place}`, block];
    yield ['norm', this.norm];
    yield ['head', this.head];
  }

  override maps(pictures: tf.Tensor, random?: RandomTensors): tf.Tensor {
    if (this.training && random === undefined)
      throw new Error('ConvNext: expected the noise of the step in training mode, got none');
    const noise = this.training ? random : undefined;
    return tf.tidy(() => {
      const [patches, norm] = this.#stem;
      let maps = norm.forward(patches.forward(pictures)); // [B, H / stride, W / stride, C]
      for (const [stage, blocks] of this.stages.entries()) {
        if (stage > 0) {
          const [before, halve] = this.#halvings[stage - 1]!;
          maps = halve.forward(before.forward(maps));
        }
        for (const block of blocks) maps = block.forward(maps, noise);
      }
      return maps;
    });
  }

  override forward(pictures: tf.Tensor, random?: RandomTensors): tf.Tensor {
    return tf.tidy(() => {
      const pooled = tf.mean(this.maps(pictures, random), [1, 2]); // [B, F]
      return this.head.forward(this.norm.forward(pooled));
    });
  }
}

/** Multiplications of a forward pass of one picture of size × size pixels, without those of the last layer. */
export function convNextCost({ depths, widths }: ConvNextShape, stemStride: 2 | 4, size: number): number {
  let side = Math.floor(size / stemStride);
  let cost = side ** 2 * STEM_KERNEL ** 2 * 3 * widths[0]!;
  for (const [stage, width] of widths.entries()) {
    if (stage > 0) {
      side = Math.floor(side / 2);
      cost += side ** 2 * 4 * widths[stage - 1]! * width;
    }
    cost += depths[stage]! * side ** 2 * (KERNEL ** 2 * width + 2 * EXPANSION * width ** 2);
  }
  return cost;
}
