import {
  BatchNorm2d,
  buffer,
  Conv2d,
  type ConvolutionOptions,
  DepthwiseConv2d,
  Module,
  type WeightOptions,
} from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';

const EPSILON = 1e-5;

/** `frozen` keeps the statistics and the scale that pre-training gave; `batch` trains them, for a start from scratch. */
export type Normalization = 'frozen' | 'batch';

/** Batch normalization with fixed statistics, scale and shift: a channel times a number, plus a number. */
export class FrozenBatchNorm2d extends Module {
  readonly weight: tf.Variable; // [channels]
  readonly bias: tf.Variable;
  readonly running_mean: tf.Variable;
  readonly running_var: tf.Variable;

  constructor(channels: number) {
    super();
    this.weight = buffer(tf.ones([channels]));
    this.bias = buffer(tf.zeros([channels]));
    this.running_mean = buffer(tf.zeros([channels]));
    this.running_var = buffer(tf.ones([channels]));
  }

  /** Factor of each channel, [C]. */
  scale(): tf.Tensor {
    return tf.mul(this.weight, tf.rsqrt(tf.add(this.running_var, EPSILON)));
  }

  /** Summand of each channel, [C]. */
  shift(): tf.Tensor {
    return tf.sub(this.bias, tf.mul(this.running_mean, this.scale()));
  }
}

/** Convolution whose filter has the factors of a normalization, which saves a pass over the outputs. */
class ScaledConv2d extends Conv2d {
  readonly #normalization: FrozenBatchNorm2d;

  constructor(inputs: number, outputs: number, options: ConvolutionOptions, normalization: FrozenBatchNorm2d) {
    super(inputs, outputs, options);
    this.#normalization = normalization;
  }

  protected override filter(): tf.Tensor {
    return tf.mul(this.weight, this.#normalization.scale());
  }
}

class ScaledDepthwiseConv2d extends DepthwiseConv2d {
  readonly #normalization: FrozenBatchNorm2d;

  constructor(channels: number, options: ConvolutionOptions, normalization: FrozenBatchNorm2d) {
    super(channels, options);
    this.#normalization = normalization;
  }

  protected override filter(): tf.Tensor {
    return tf.mul(this.weight, tf.expandDims(this.#normalization.scale(), 1));
  }
}

export interface UnitOptions extends WeightOptions {
  readonly normalization: Normalization;
  readonly kernelSize: number;
  readonly stride?: number;
  /** Each channel by itself; inputs and outputs are then as many. */
  readonly isDepthwise?: boolean;
}

/** Convolution with zeros around, and batch normalization. */
export class ConvolutionUnit {
  readonly convolution: Conv2d | DepthwiseConv2d;
  readonly normalization: BatchNorm2d | FrozenBatchNorm2d;

  constructor(inputs: number, outputs: number, options: UnitOptions) {
    const { normalization, kernelSize, isDepthwise = false, stride = 1, ...weights } = options;
    const settings = { ...weights, kernelSize, stride, padding: (kernelSize - 1) / 2, bias: false };
    if (normalization === 'batch') {
      this.normalization = new BatchNorm2d(outputs);
      this.convolution = isDepthwise ? new DepthwiseConv2d(outputs, settings) : new Conv2d(inputs, outputs, settings);
    } else {
      const frozen = new FrozenBatchNorm2d(outputs);
      this.normalization = frozen;
      this.convolution = isDepthwise
        ? new ScaledDepthwiseConv2d(outputs, settings, frozen)
        : new ScaledConv2d(inputs, outputs, settings, frozen);
    }
  }

  /** [B, H, W, inputs] → [B, H / stride, W / stride, outputs] */
  forward(input: tf.Tensor): tf.Tensor {
    return tf.tidy(() => {
      const output = this.convolution.forward(input);
      const { normalization } = this;
      return normalization instanceof BatchNorm2d
        ? normalization.forward(output)
        : tf.add(output, normalization.shift());
    });
  }
}
