import * as tf from '@tensorflow/tfjs-core';
import { Conv2d } from '../convolution.ts';
import { Module, type Layer } from '../module.ts';
import { buffer, parameter } from '../parameter.ts';
import { batchNorm, groupNorm, standardizeWeight } from './channel-normalization.ts';
import { layerNorm, rmsNorm } from './row-normalization.ts';

export interface NormalizationOptions {
  /** Added to the variance (RMSNorm: to the mean square). Default 1e-5, as in PyTorch; 2⁻²³ in RMSNorm. */
  readonly epsilon?: number;
}

/** Layer normalization over the last axis. Matches PyTorch's `LayerNorm`. */
export class LayerNorm extends Module implements Layer {
  readonly weight: tf.Variable; // [features]
  readonly bias: tf.Variable;
  readonly #epsilon: number;

  constructor(features: number, { epsilon = 1e-5 }: NormalizationOptions = {}) {
    super();
    this.weight = parameter(tf.ones([features]));
    this.bias = parameter(tf.zeros([features]));
    this.#epsilon = epsilon;
  }

  /** [..., features] → the same, float32. */
  forward(input: tf.Tensor): tf.Tensor {
    return layerNorm(input, this.weight, this.bias, this.#epsilon);
  }
}

/** Root-mean-square normalization over the last axis. Matches PyTorch's `RMSNorm`. */
export class RmsNorm extends Module implements Layer {
  readonly weight: tf.Variable; // [features]
  readonly #epsilon: number;

  /** `epsilon` defaults to the machine epsilon of float32, as in PyTorch. */
  constructor(features: number, { epsilon = 2 ** -23 }: NormalizationOptions = {}) {
    super();
    this.weight = parameter(tf.ones([features]));
    this.#epsilon = epsilon;
  }

  /** [..., features] → the same, float32. */
  forward(input: tf.Tensor): tf.Tensor {
    return rmsNorm(input, this.weight, this.#epsilon);
  }
}

/** Group normalization of [B, ..., C]. Matches PyTorch's `GroupNorm`. */
export class GroupNorm extends Module implements Layer {
  readonly weight: tf.Variable; // [channels]
  readonly bias: tf.Variable;
  readonly #groups: number;
  readonly #epsilon: number;

  constructor(groups: number, channels: number, { epsilon = 1e-5 }: NormalizationOptions = {}) {
    super();
    this.weight = parameter(tf.ones([channels]));
    this.bias = parameter(tf.zeros([channels]));
    this.#groups = groups;
    this.#epsilon = epsilon;
  }

  /** [B, ..., C] → the same, float32. */
  forward(input: tf.Tensor): tf.Tensor {
    return groupNorm(input, this.#groups, { scale: this.weight, shift: this.bias }, this.#epsilon);
  }
}

export interface BatchNormOptions extends NormalizationOptions {
  /** Weight of each batch in the running statistics. Default 0.1. */
  readonly momentum?: number;
}

/**
 * Batch normalization of [B, H, W, C]. Matches PyTorch's `BatchNorm2d`. Training mode normalizes by the batch
 * statistics and updates the running ones. Evaluation mode normalizes by the running statistics.
 */
export class BatchNorm2d extends Module implements Layer {
  readonly weight: tf.Variable; // [channels]
  readonly bias: tf.Variable;
  readonly running_mean: tf.Variable; // [channels]
  readonly running_var: tf.Variable; // [channels], unbiased
  readonly num_batches_tracked: tf.Variable; // scalar int32
  readonly #options: Required<BatchNormOptions>;

  constructor(channels: number, { epsilon = 1e-5, momentum = 0.1 }: BatchNormOptions = {}) {
    super();
    this.weight = parameter(tf.ones([channels]));
    this.bias = parameter(tf.zeros([channels]));
    this.running_mean = buffer(tf.zeros([channels]));
    this.running_var = buffer(tf.ones([channels]));
    this.num_batches_tracked = buffer(tf.scalar(0, 'int32'));
    this.#options = { epsilon, momentum };
  }

  /**
   * [B, H, W, C] → same shape, float32.
   * @throws Error in training mode where each channel has a single value, which has no variance
   */
  forward(input: tf.Tensor): tf.Tensor {
    const { epsilon, momentum } = this.#options;
    return tf.tidy(() => {
      const affine = { scale: this.weight, shift: this.bias };
      if (this.training) {
        const samples = input.size / input.shape.at(-1)!;
        if (samples < 2)
          throw new Error(
            `BatchNorm2d: expected 2 values per channel or more to train, got [${input.shape.join(', ')}]`,
          );
        this.num_batches_tracked.assign(tf.add(this.num_batches_tracked, tf.scalar(1, 'int32')));
        return batchNorm(input, affine, epsilon, (mean, variance) => {
          move(this.running_mean, mean, momentum);
          move(this.running_var, tf.mul(variance, samples / (samples - 1)), momentum);
        });
      }
      const scale = tf.mul(this.weight, tf.rsqrt(tf.add(this.running_var, epsilon)));
      return tf.add(tf.mul(input, scale), tf.sub(this.bias, tf.mul(this.running_mean, scale)));
    });
  }
}

/** running ← (1 - momentum) running + momentum value */
function move(running: tf.Variable, value: tf.Tensor, momentum: number): void {
  running.assign(tf.add(tf.mul(running, 1 - momentum), tf.mul(value, momentum)));
}

/** Convolution with weight standardization (Qiao et al., 2019). */
export class StandardizedConv2d extends Conv2d {
  protected override filter(): tf.Tensor {
    return standardizeWeight(this.weight);
  }
}
