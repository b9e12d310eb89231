/**
 * EfficientNet (Tan & Le, "EfficientNet: rethinking model scaling for convolutional neural networks", ICML 2019, arXiv
 * 1905.11946): inverted residual blocks (MBConv; Sandler et al., MobileNetV2, CVPR 2018) with squeeze-and-excitation (Hu
 * et al., CVPR 2018) and stochastic depth (Huang et al., ECCV 2016). Lite0 is the variant for small devices: without
 * squeeze-and-excitation, and ReLU6 in place of SiLU.
 *
 * B batch, H height, W width, C channels, D features, V classes.
 */
import {
  BatchNorm2d,
  Conv2d,
  type ConvolutionOptions,
  DepthwiseConv2d,
  Dropout,
  heNormal,
  type Initializer,
  Linear,
  type Module,
  type RandomStream,
  type RandomTensors,
  silu,
  type WeightOptions,
} from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import { ImageClassifier, noiseOf } from './image-classifier.ts';
import { type BlockPlace, layerNames, type NamingName, namings } from './names.ts';

/** Blocks of one width (Tan & Le, table 1). */
interface Stage {
  /** Channels of the depthwise convolution, as a multiple of the block's inputs. */
  readonly expansion: number;
  readonly kernelSize: number;
  /** Stride of the first block; 1 in the others. */
  readonly stride: 1 | 2;
  readonly outputs: number;
  readonly blocks: number;
}

/** The numbers and habits in which two EfficientNets differ. */
export interface EfficientNetShape {
  readonly stemChannels: number;
  readonly stages: readonly Stage[];
  /** D */
  readonly features: number;
  readonly squeezes: boolean;
  readonly activation: 'silu' | 'relu6';
  /** Zeros around a picture: the same on each side, or TensorFlow's, one more at the end where their number is odd. */
  readonly padding: 'symmetric' | 'same';
  readonly batchNorm: { readonly epsilon: number; readonly momentum: number };
  readonly dropout: number;
  /** Probability that the last block is skipped in training. It grows from 0 at the first one. */
  readonly stochasticDepth: number;
  readonly naming: NamingName;
}

/** Expansion, kernel size, stride, outputs and blocks of each stage of EfficientNet-B0. */
const B0_STAGES = [
  [1, 3, 1, 16, 1],
  [6, 3, 2, 24, 2],
  [6, 5, 2, 40, 2],
  [6, 3, 2, 80, 3],
  [6, 5, 1, 112, 3],
  [6, 5, 2, 192, 4],
  [6, 3, 1, 320, 1],
] as const;

/** Channels are multiples of 8, and no scaling takes more than a tenth of them away. */
function scaledChannels(channels: number, width: number): number {
  const exact = channels * width;
  const rounded = Math.max(8, Math.floor((exact + 4) / 8) * 8);
  return rounded < 0.9 * exact ? rounded + 8 : rounded;
}

/** Stages of B0 made wider and deeper (Tan & Le, equation 3). */
function scaledStages(width: number, depth: number): Stage[] {
  return B0_STAGES.map(([expansion, kernelSize, stride, outputs, blocks]) => ({
    expansion,
    kernelSize,
    stride,
    outputs: scaledChannels(outputs, width),
    blocks: Math.ceil(blocks * depth),
  }));
}

/** As torchvision has it: 7,705,221 parameters with three classes, for pictures of 288 × 288 pixels. */
export const efficientNetB2: EfficientNetShape = {
  stemChannels: scaledChannels(32, 1.1),
  stages: scaledStages(1.1, 1.2),
  features: 4 * scaledChannels(320, 1.1),
  squeezes: true,
  activation: 'silu',
  padding: 'symmetric',
  batchNorm: { epsilon: 1e-5, momentum: 0.1 },
  dropout: 0.3,
  stochasticDepth: 0.2,
  naming: 'torchvision',
};

/** As TensorFlow trained it: 4,652,008 parameters with ImageNet's 1,000 classes, for pictures of 224 × 224 pixels. */
export const efficientNetLite0: EfficientNetShape = {
  stemChannels: 32,
  stages: scaledStages(1, 1),
  features: 1280,
  squeezes: false,
  activation: 'relu6',
  padding: 'same',
  batchNorm: { epsilon: 1e-3, momentum: 0.01 },
  dropout: 0.2,
  stochasticDepth: 0.2,
  naming: 'lite',
};

/** Convolutions with TensorFlow's zeros around the picture. */
class SameConv2d extends Conv2d {
  readonly #stride: number;

  constructor(inputs: number, outputs: number, options: ConvolutionOptions) {
    super(inputs, outputs, options);
    this.#stride = options.stride ?? 1;
  }

  override forward(input: tf.Tensor): tf.Tensor {
    return tf.conv2d(input as tf.Tensor4D, this.filter() as tf.Tensor4D, this.#stride, 'same');
  }
}

class SameDepthwiseConv2d extends DepthwiseConv2d {
  readonly #stride: number;

  constructor(channels: number, options: ConvolutionOptions) {
    super(channels, options);
    this.#stride = options.stride ?? 1;
  }

  override forward(input: tf.Tensor): tf.Tensor {
    return tf.depthwiseConv2d(input as tf.Tensor4D, this.weight as tf.Tensor4D, this.#stride, 'same');
  }
}

/** How the weights of a network begin. */
export interface NetworkOptions {
  readonly classes: number;
  /** Draws the initial weights. */
  readonly random: RandomStream;
  /** Draws the backbone's weights: `zeros` where weights of a file follow. Default: as published. */
  readonly initializer?: Initializer | undefined;
}

interface Geometry {
  readonly inputs: number;
  readonly outputs: number;
  readonly kernelSize: number;
  readonly stride: 1 | 2;
}

/** Convolution and batch normalization. */
class ConvolutionUnit {
  readonly layers: readonly [convolution: Conv2d | DepthwiseConv2d, normalization: BatchNorm2d];

  constructor(
    { padding, batchNorm }: EfficientNetShape,
    kind: 'full' | 'depthwise',
    { inputs, outputs, kernelSize, stride }: Geometry,
    options: WeightOptions,
  ) {
    const isSame = padding === 'same';
    const convolution = { ...options, kernelSize, stride, padding: (kernelSize - 1) / 2, bias: false };
    const [Full, Depthwise] = isSame ? [SameConv2d, SameDepthwiseConv2d] : [Conv2d, DepthwiseConv2d];
    this.layers = [
      kind === 'full' ? new Full(inputs, outputs, convolution) : new Depthwise(outputs, convolution),
      new BatchNorm2d(outputs, batchNorm),
    ];
  }

  /** [B, H, W, inputs] → [B, H / stride, W / stride, outputs] */
  forward(input: tf.Tensor): tf.Tensor {
    const [convolution, normalization] = this.layers;
    return normalization.forward(convolution.forward(input));
  }
}

/** Each channel times a gate of its own, σ(W₂ silu(W₁ mean(x))) (Hu et al., 2018, equation 3). */
class SqueezeExcitation {
  readonly layers: readonly [reduce: Conv2d, expand: Conv2d];

  constructor(channels: number, squeezed: number, options: WeightOptions) {
    this.layers = [
      new Conv2d(channels, squeezed, { ...options, kernelSize: 1 }),
      new Conv2d(squeezed, channels, { ...options, kernelSize: 1 }),
    ];
  }

  /** [B, H, W, C] → the same */
  forward(input: tf.Tensor): tf.Tensor {
    const [reduce, expand] = this.layers;
    const means = tf.mean(input, [1, 2], true); // [B, 1, 1, C]
    return tf.mul(input, tf.sigmoid(expand.forward(silu(reduce.forward(means)))));
  }
}

/**
 * Inverted residual block: widen by a 1 × 1 convolution, filter each channel, weigh the channels, narrow by a 1 × 1
 * convolution without an activation, and add the input where the shapes agree.
 */
class MbConv {
  readonly place: BlockPlace;
  readonly #expansion: ConvolutionUnit | undefined;
  readonly #depthwise: ConvolutionUnit;
  readonly #squeeze: SqueezeExcitation | undefined;
  readonly #projection: ConvolutionUnit;
  readonly #hasShortcut: boolean;
  readonly #activation: (input: tf.Tensor) => tf.Tensor;
  /** Drops whole examples: stochastic depth is dropout of the residual. */
  readonly #skip: Dropout;

  constructor(
    shape: EfficientNetShape,
    place: BlockPlace,
    { expansion, inputs, outputs, kernelSize, stride }: Geometry & { readonly expansion: number },
    skipProbability: number,
    options: WeightOptions,
  ) {
    const wide = expansion * inputs;
    this.place = place;
    const one = { kernelSize: 1, stride: 1 } as const;
    if (place.expands) this.#expansion = new ConvolutionUnit(shape, 'full', { inputs, outputs: wide, ...one }, options);
    const filtering = { inputs: wide, outputs: wide, kernelSize, stride };
    this.#depthwise = new ConvolutionUnit(shape, 'depthwise', filtering, options);
    if (place.squeezes) this.#squeeze = new SqueezeExcitation(wide, Math.floor(inputs / 4), options);
    this.#projection = new ConvolutionUnit(shape, 'full', { inputs: wide, outputs, ...one }, options);
    this.#hasShortcut = stride === 1 && inputs === outputs;
    this.#activation = activations[shape.activation];
    this.#skip = new Dropout(skipProbability);
  }

  /** From the first to the last, as `layerNames` names them. */
  get layers(): Module[] {
    const parts = [this.#expansion, this.#depthwise, this.#squeeze, this.#projection];
    return parts.flatMap((part) => [...(part?.layers ?? [])]);
  }

  /** [B, H, W, inputs] → [B, H / stride, W / stride, outputs]. @param random noise, in training alone */
  forward(input: tf.Tensor, random: RandomTensors | undefined): tf.Tensor {
    return tf.tidy(() => {
      let inner = input;
      if (this.#expansion !== undefined) inner = this.#activation(this.#expansion.forward(inner));
      inner = this.#activation(this.#depthwise.forward(inner));
      if (this.#squeeze !== undefined) inner = this.#squeeze.forward(inner);
      inner = this.#projection.forward(inner);
      if (!this.#hasShortcut) return inner;
      if (random === undefined || this.#skip.rate === 0) return tf.add(input, inner);
      const kept = this.#skip.forward(tf.ones([input.shape[0], 1, 1, 1]), random); // 0 or 1 / (1 - rate)
      return tf.add(input, tf.mul(inner, kept));
    });
  }
}

const activations = { silu, relu6: tf.relu6 } as const;

/** Stem, inverted residual blocks, a last 1 × 1 convolution, global average pooling and a linear classifier. */
export class EfficientNet extends ImageClassifier {
  readonly headName: string;
  readonly head: Linear;
  readonly #stem: ConvolutionUnit;
  readonly #blocks: readonly MbConv[];
  readonly #top: ConvolutionUnit;
  readonly #dropout: Dropout;
  readonly #activation: (input: tf.Tensor) => tf.Tensor;
  readonly naming: NamingName;
  #keepsStatistics = false;

  constructor(shape: EfficientNetShape, { classes, random, initializer = heNormal }: NetworkOptions) {
    super();
    const options = (name: string) => ({ random: random.fork(name), weightInitializer: initializer });
    const stem = { inputs: 3, outputs: shape.stemChannels, kernelSize: 3, stride: 2 } as const;
    this.#stem = new ConvolutionUnit(shape, 'full', stem, options('stem'));
    this.#blocks = blocksOf(shape, (block) => options(`block${block}`));
    const last = { inputs: shape.stages.at(-1)!.outputs, outputs: shape.features, kernelSize: 1, stride: 1 } as const;
    this.#top = new ConvolutionUnit(shape, 'full', last, options('top'));
    this.#dropout = new Dropout(shape.dropout);
    this.head = new Linear(shape.features, classes, { random: random.fork('head') });
    this.#activation = activations[shape.activation];
    this.naming = shape.naming;
    this.headName = namings[shape.naming].head;
  }

  /** In training mode too, normalizations keep the statistics that they have: a few pictures would spoil them. */
  keepStatistics(): void {
    this.#keepsStatistics = true;
    this.train(this.training);
  }

  override train(training = true): this {
    super.train(training);
    if (this.#keepsStatistics)
      for (const [, module] of this.namedModules()) if (module instanceof BatchNorm2d) module.train(false);
    return this;
  }

  /** Where each block stands, from the first to the last. */
  get places(): BlockPlace[] {
    return this.#blocks.map(({ place }) => place);
  }

  protected override *children(): Generator<readonly [string, Module]> {
    const blocks = this.#blocks.flatMap(({ layers }) => layers);
    const layers = [...this.#stem.layers, ...blocks, ...this.#top.layers, this.head];
    const names = layerNames(this.naming, this.places);
    for (const [index, layer] of layers.entries()) yield [names[index]!, layer];
  }

  /** The last feature maps: pictures [B, H, W, 3] → [B, H / 32, W / 32, D]. */
  maps(pictures: tf.Tensor, random?: RandomTensors): tf.Tensor {
    return tf.tidy(() => {
      const noise = this.training ? noiseOf(random, 'EfficientNet') : undefined;
      let maps = this.#activation(this.#stem.forward(pictures));
      for (const block of this.#blocks) maps = block.forward(maps, noise);
      return this.#activation(this.#top.forward(maps));
    });
  }

  override features(pictures: tf.Tensor, random?: RandomTensors): tf.Tensor {
    return tf.tidy(() => tf.mean(this.maps(pictures, random), [1, 2]));
  }

  override classify(features: tf.Tensor, random?: RandomTensors): tf.Tensor {
    return tf.tidy(() => {
      const kept = this.training ? this.#dropout.forward(features, noiseOf(random, 'EfficientNet')) : features;
      return this.head.forward(kept);
    });
  }
}

/** All blocks, each with the probability of its skip: that of the last one times its share of the depth. */
function blocksOf(shape: EfficientNetShape, options: (block: number) => WeightOptions): MbConv[] {
  const total = shape.stages.reduce((sum, { blocks }) => sum + blocks, 0);
  let inputs = shape.stemChannels;
  let number = 0;
  return shape.stages.flatMap(({ expansion, kernelSize, stride, outputs, blocks }, stage) =>
    Array.from({ length: blocks }, (_, place) => {
      const at = { stage, place, number, expands: expansion !== 1, squeezes: shape.squeezes };
      const geometry = { expansion, inputs, outputs, kernelSize, stride: place === 0 ? stride : 1 } as const;
      const block = new MbConv(shape, at, geometry, (shape.stochasticDepth * number) / total, options(number));
      inputs = outputs;
      number++;
      return block;
    }),
  );
}
