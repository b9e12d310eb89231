import * as tf from '@tensorflow/tfjs-core';
import { kaimingUniform } from './initializers.ts';
import type { WeightOptions } from './linear.ts';
import { Module, type Layer } from './module.ts';
import { parameter } from './parameter.ts';

export interface ConvolutionOptions extends WeightOptions {
  readonly kernelSize: number;
  /** Default 1. */
  readonly stride?: number;
  /** Pixels per side: zeros added (Conv2d), or outputs cropped (ConvTranspose2d). Default 0. */
  readonly padding?: number;
}

/** TensorFlow.js layout to PyTorch layout, for plain and transposed convolutions. */
const HWIO_IN_PYTORCH = { weight: [3, 2, 0, 1] } as const;

/** 2D convolution over [B, H, W, C]. Matches PyTorch's `Conv2d`. */
export class Conv2d extends Module implements Layer {
  readonly weight: tf.Variable; // [kernel, kernel, inputs, outputs]
  readonly bias: tf.Variable | undefined;
  readonly #geometry: Geometry;

  constructor(inputs: number, outputs: number, options: ConvolutionOptions) {
    super();
    const { random, kernelSize, stride = 1, padding = 0, bias = true, weightInitializer = kaimingUniform } = options;
    const fans = { fanIn: inputs * kernelSize ** 2, fanOut: outputs * kernelSize ** 2 };
    this.weight = parameter(weightInitializer([kernelSize, kernelSize, inputs, outputs], fans, random));
    this.bias = bias ? parameter(kaimingUniform([outputs], fans, random)) : undefined;
    this.#geometry = { kernelSize, stride, padding };
  }

  protected override axesInPyTorch(): typeof HWIO_IN_PYTORCH {
    return HWIO_IN_PYTORCH;
  }

  /** Filter of the convolution. Subclasses may transform the weight. */
  protected filter(): tf.Tensor {
    return this.weight;
  }

  /** [B, H, W, inputs] → [B, H', W', outputs], float32, where H' = ⌊(H + 2 padding - kernel) / stride⌋ + 1. */
  forward(input: tf.Tensor): tf.Tensor {
    return tf.tidy(() => {
      const { image, pad } = padded(input, this.#geometry);
      const filter = this.filter() as tf.Tensor4D;
      return withBias(tf.conv2d(image, filter, this.#geometry.stride, pad), this.bias);
    });
  }
}

/** To PyTorch's layout, [channels, 1, kernel, kernel]. */
const HWC_IN_PYTORCH = { weight: [2, 3, 0, 1] } as const;

/** Depthwise convolution over [B, H, W, C]. Matches PyTorch's `Conv2d` with `groups` equal to the channels. */
export class DepthwiseConv2d extends Module implements Layer {
  readonly weight: tf.Variable; // [kernel, kernel, channels, 1]
  readonly bias: tf.Variable | undefined;
  readonly #geometry: Geometry;

  constructor(channels: number, options: ConvolutionOptions) {
    super();
    const { random, kernelSize, stride = 1, padding = 0, bias = true, weightInitializer = kaimingUniform } = options;
    const fans = { fanIn: kernelSize ** 2, fanOut: kernelSize ** 2 };
    this.weight = parameter(weightInitializer([kernelSize, kernelSize, channels, 1], fans, random));
    this.bias = bias ? parameter(kaimingUniform([channels], fans, random)) : undefined;
    this.#geometry = { kernelSize, stride, padding };
  }

  protected override axesInPyTorch(): typeof HWC_IN_PYTORCH {
    return HWC_IN_PYTORCH;
  }

  /** Filter of the convolution. Subclasses may transform the weight. */
  protected filter(): tf.Tensor {
    return this.weight;
  }

  /** [B, H, W, channels] → [B, H', W', channels], float32. H' and W' as in `Conv2d`. */
  forward(input: tf.Tensor): tf.Tensor {
    return tf.tidy(() => {
      const { image, pad } = padded(input, this.#geometry);
      const filter = this.filter() as tf.Tensor4D;
      return withBias(tf.depthwiseConv2d(image, filter, this.#geometry.stride, pad), this.bias);
    });
  }
}

/** Transposed 2D convolution over [B, H, W, C]. Matches PyTorch's `ConvTranspose2d`. */
export class ConvTranspose2d extends Module implements Layer {
  readonly weight: tf.Variable; // [kernel, kernel, outputs, inputs]
  readonly bias: tf.Variable | undefined;
  readonly #geometry: Geometry;

  constructor(inputs: number, outputs: number, options: ConvolutionOptions) {
    super();
    const { random, kernelSize, stride = 1, padding = 0, bias = true, weightInitializer = kaimingUniform } = options;
    // PyTorch computes the fans of an [inputs, outputs, …] weight as if it were [outputs, inputs, …].
    const fans = { fanIn: outputs * kernelSize ** 2, fanOut: inputs * kernelSize ** 2 };
    this.weight = parameter(weightInitializer([kernelSize, kernelSize, outputs, inputs], fans, random));
    this.bias = bias ? parameter(kaimingUniform([outputs], fans, random)) : undefined;
    this.#geometry = { kernelSize, stride, padding };
  }

  protected override axesInPyTorch(): typeof HWIO_IN_PYTORCH {
    return HWIO_IN_PYTORCH;
  }

  /** [B, H, W, inputs] → [B, H', W', outputs], float32, where H' = (H - 1) stride + kernel - 2 padding. */
  forward(input: tf.Tensor): tf.Tensor {
    return tf.tidy(() => {
      const { kernelSize, stride, padding } = this.#geometry;
      const image = input as tf.Tensor4D;
      const filter = this.weight as tf.Tensor4D;
      const [batch, height, width] = image.shape;
      const full = (size: number): number => (size - 1) * stride + kernelSize;
      const channels = filter.shape[2];
      const cut: [number, number, number, number] = [
        batch,
        full(height) - 2 * padding,
        full(width) - 2 * padding,
        channels,
      ];
      if (isSame(cut[1], this.#geometry) && isSame(cut[2], this.#geometry))
        return withBias(tf.conv2dTranspose(image, filter, cut, stride, 'same'), this.bias);
      const whole = tf.conv2dTranspose(image, filter, [batch, full(height), full(width), channels], stride, 'valid');
      return withBias(padding === 0 ? whole : tf.slice(whole, [0, padding, padding, 0], cut), this.bias);
    });
  }
}

interface Geometry {
  readonly kernelSize: number;
  readonly stride: number;
  readonly padding: number;
}

/** Image to convolve, and TensorFlow's padding mode. Zeros are added here only where neither mode gives the padding. */
function padded(input: tf.Tensor, geometry: Geometry): { image: tf.Tensor4D; pad: 'same' | 'valid' } {
  const image = input as tf.Tensor4D;
  const { padding } = geometry;
  if (isSame(image.shape[1], geometry) && isSame(image.shape[2], geometry)) return { image, pad: 'same' };
  const around: [number, number] = [padding, padding];
  return { image: padding === 0 ? image : tf.pad(image, [[0, 0], around, around, [0, 0]]), pad: 'valid' };
}

/** Whether TensorFlow's padding mode `same` adds exactly `padding` zeros per side, which saves a copy of the input. */
function isSame(size: number, { kernelSize, stride, padding }: Geometry): boolean {
  return (Math.ceil(size / stride) - 1) * stride + kernelSize - size === 2 * padding;
}

function withBias(output: tf.Tensor, bias: tf.Variable | undefined): tf.Tensor {
  return bias === undefined ? output : tf.add(output, bias);
}
