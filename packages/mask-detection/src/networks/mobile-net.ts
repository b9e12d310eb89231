/** MobileNetV2 (Sandler et al., "MobileNetV2: inverted residuals and linear bottlenecks", CVPR 2018, arXiv 1801.04381). */
import { heNormal, Module } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Backbone, BackboneOptions } from './backbone.ts';
import { ConvolutionUnit, type UnitOptions } from './unit.ts';

const STEM_CHANNELS = 32;
/** Expansion, outputs, blocks and stride of each stage (Sandler et al., table 2). */
const STAGES = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;
/** Stages that end a resolution. */
const LAST_OF_RESOLUTION = [1, 2, 4, 6] as const;

type Options = Omit<UnitOptions, 'kernelSize' | 'stride' | 'isDepthwise'>;

/** Widens by a 1 × 1 convolution, filters each channel, narrows without an activation; a shortcut where shapes agree. */
class InvertedResidual extends Module {
  readonly #expansion: ConvolutionUnit | undefined;
  readonly #depthwise: ConvolutionUnit;
  readonly #projection: ConvolutionUnit;
  readonly #hasShortcut: boolean;

  constructor(inputs: number, outputs: number, expansion: number, stride: number, options: Options) {
    super();
    const wide = expansion * inputs;
    if (expansion > 1) this.#expansion = new ConvolutionUnit(inputs, wide, { ...options, kernelSize: 1 });
    this.#depthwise = new ConvolutionUnit(wide, wide, { ...options, kernelSize: 3, stride, isDepthwise: true });
    this.#projection = new ConvolutionUnit(wide, outputs, { ...options, kernelSize: 1 });
    this.#hasShortcut = stride === 1 && inputs === outputs;
  }

  protected override *children(): Generator<readonly [string, Module]> {
    const activated = [this.#expansion, this.#depthwise].filter((unit) => unit !== undefined);
    for (const [index, unit] of activated.entries()) {
      yield [`conv.${index}.0`, unit.convolution];
      yield [`conv.${index}.1`, unit.normalization];
    }
    yield [`conv.${activated.length}`, this.#projection.convolution];
    yield [`conv.${activated.length + 1}`, this.#projection.normalization];
  }

  /** [B, H, W, inputs] → [B, H / stride, W / stride, outputs] */
  forward(input: tf.Tensor): tf.Tensor {
    return tf.tidy(() => {
      const wide = this.#expansion === undefined ? input : tf.relu6(this.#expansion.forward(input));
      const output = this.#projection.forward(tf.relu6(this.#depthwise.forward(wide)));
      return this.#hasShortcut ? tf.add(input, output) : output;
    });
  }
}

/** MobileNetV2 without its last convolution and its classifier, under torchvision's names. */
export class MobileNetV2 extends Module implements Backbone {
  readonly outputs = LAST_OF_RESOLUTION.map((stage) => STAGES[stage][1]);
  readonly #stem: ConvolutionUnit;
  readonly #stages: readonly (readonly InvertedResidual[])[];

  constructor({ normalization, random, initializer = heNormal }: BackboneOptions) {
    super();
    const options = { normalization, weightInitializer: initializer };
    this.#stem = new ConvolutionUnit(3, STEM_CHANNELS, {
      ...options,
      random: random.fork('stem'),
      kernelSize: 3,
      stride: 2,
    });
    let inputs = STEM_CHANNELS;
    this.#stages = STAGES.map(([expansion, outputs, blocks, first], stage) =>
      Array.from({ length: blocks }, (_, block) => {
        const stride = block === 0 ? first : 1;
        const own = { ...options, random: random.fork(`${stage}.${block}`) };
        const residual = new InvertedResidual(inputs, outputs, expansion, stride, own);
        inputs = outputs;
        return residual;
      }),
    );
  }

  get stages(): readonly (readonly Module[])[] {
    return [[this.#stem.convolution, this.#stem.normalization], ...this.#stages];
  }

  protected override *children(): Generator<readonly [string, Module]> {
    yield ['0.0', this.#stem.convolution];
    yield ['0.1', this.#stem.normalization];
    for (const [index, block] of this.#stages.flat().entries()) yield [String(index + 1), block];
  }

  maps(pictures: tf.Tensor): tf.Tensor[] {
    return tf.tidy(() => {
      let map = tf.relu6(this.#stem.forward(pictures));
      const outputs = this.#stages.map((blocks) => {
        for (const block of blocks) map = block.forward(map);
        return map;
      });
      return LAST_OF_RESOLUTION.map((stage) => outputs[stage]!);
    });
  }
}
