/** Residual network of 50 layers (He et al., "Deep residual learning for image recognition", CVPR 2016). */
import { heNormal, Module } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Backbone, BackboneOptions } from './backbone.ts';
import { ConvolutionUnit, type UnitOptions } from './unit.ts';

/** Blocks of each stage. */
const BLOCKS = [3, 4, 6, 3] as const;
const STEM_CHANNELS = 64;
/** Outputs of a block, as a multiple of the channels within. */
const EXPANSION = 4;

type Options = Omit<UnitOptions, 'kernelSize' | 'stride' | 'isDepthwise'>;

/** Block of three convolutions, 1 × 1, 3 × 3 (with the stride) and 1 × 1, and a shortcut (He et al., figure 5). */
class Bottleneck extends Module {
  readonly #units: readonly [ConvolutionUnit, ConvolutionUnit, ConvolutionUnit];
  readonly #downsample: ConvolutionUnit | undefined;

  constructor(inputs: number, width: number, stride: number, options: Options) {
    super();
    const outputs = EXPANSION * width;
    this.#units = [
      new ConvolutionUnit(inputs, width, { ...options, kernelSize: 1 }),
      new ConvolutionUnit(width, width, { ...options, kernelSize: 3, stride }),
      new ConvolutionUnit(width, outputs, { ...options, kernelSize: 1 }),
    ];
    if (inputs !== outputs)
      this.#downsample = new ConvolutionUnit(inputs, outputs, { ...options, kernelSize: 1, stride });
  }

  protected override *children(): Generator<readonly [string, Module]> {
    for (const [index, unit] of this.#units.entries()) {
      yield [`conv${index + 1}`, unit.convolution];
      yield [`bn${index + 1}`, unit.normalization];
    }
    if (this.#downsample === undefined) return;
    yield ['downsample.0', this.#downsample.convolution];
    yield ['downsample.1', this.#downsample.normalization];
  }

  /** [B, H, W, inputs] → [B, H / stride, W / stride, 4 width] */
  forward(input: tf.Tensor): tf.Tensor {
    return tf.tidy(() => {
      const [reduce, filter, expand] = this.#units;
      const inner = expand.forward(tf.relu(filter.forward(tf.relu(reduce.forward(input)))));
      return tf.relu(tf.add(inner, this.#downsample?.forward(input) ?? input));
    });
  }
}

/** ResNet-50 without its classifier, under torchvision's names. */
export class ResNet50 extends Module implements Backbone {
  readonly outputs = [256, 512, 1024, 2048];
  readonly #stem: ConvolutionUnit;
  readonly #layers: readonly (readonly Bottleneck[])[];

  constructor({ normalization, random, initializer = heNormal }: BackboneOptions) {
    super();
    const options = { normalization, weightInitializer: initializer };
    this.#stem = new ConvolutionUnit(3, STEM_CHANNELS, {
      ...options,
      random: random.fork('stem'),
      kernelSize: 7,
      stride: 2,
    });
    let inputs = STEM_CHANNELS;
    this.#layers = BLOCKS.map((count, stage) =>
      Array.from({ length: count }, (_, block) => {
        const width = STEM_CHANNELS * 2 ** stage;
        const stride = stage > 0 && block === 0 ? 2 : 1;
        const bottleneck = new Bottleneck(inputs, width, stride, {
          ...options,
          random: random.fork(`${stage}.${block}`),
        });
        inputs = EXPANSION * width;
        return bottleneck;
      }),
    );
  }

  get stages(): readonly (readonly Module[])[] {
    return [[this.#stem.convolution, this.#stem.normalization], ...this.#layers];
  }

  protected override *children(): Generator<readonly [string, Module]> {
    yield ['conv1', this.#stem.convolution];
    yield ['bn1', this.#stem.normalization];
    for (const [stage, blocks] of this.#layers.entries())
      for (const [index, block] of blocks.entries()) yield [`layer${stage + 1}.${index}`, block];
  }

  maps(pictures: tf.Tensor): tf.Tensor[] {
    return tf.tidy(() => {
      const stem = tf.relu(this.#stem.forward(pictures));
      // Zeros around change no maximum, for what ReLU leaves is not negative.
      const around = tf.pad(stem, [
        [0, 0],
        [1, 1],
        [1, 1],
        [0, 0],
      ]) as tf.Tensor4D;
      let map: tf.Tensor = tf.maxPool(around, 3, 2, 'valid');
      return this.#layers.map((blocks) => {
        for (const block of blocks) map = block.forward(map);
        return map;
      });
    });
  }
}
