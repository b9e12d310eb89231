import * as tf from '@tensorflow/tfjs-core';
import type { NamedVariables } from '../nn/module.ts';
import { hasKernel } from '../tensors/has-kernel.ts';
import { Optimizer, type OptimizerOptions } from './optimizer.ts';

export interface AdamWOptions extends OptimizerOptions {
  /** Decay rate of the mean gradient. Default 0.9. */
  readonly beta1?: number;
  /** Decay rate of the mean squared gradient. Default 0.999. */
  readonly beta2?: number;
  /** ε, added to √v̂ as in the paper. Default 1e-8. */
  readonly epsilon?: number;
  /**
   * Decoupled weight decay: each step shrinks parameters by learningRate · weightDecay. Default 0.01, as in PyTorch.
   */
  readonly weightDecay?: number;
}

/** Scalars of step t, in the form that the kernel `AdamUpdate` takes. */
interface AdamScalars extends Readonly<Record<string, tf.Tensor>> {
  /** α √(1 − β₂ᵗ) / (1 − β₁ᵗ): the learning rate with both bias corrections (Kingma & Ba, 2015, section 2). */
  readonly stepSize: tf.Tensor;
  /** ε √(1 − β₂ᵗ): adding it to √v is equivalent to adding ε to √v̂. */
  readonly epsilon: tf.Tensor;
  /** 1 − learning rate · weight decay; undefined without weight decay. */
  readonly decay?: tf.Tensor;
}

/**
 * AdamW: Adam with decoupled weight decay (Loshchilov & Hutter, 2019, algorithm 2). Matches `torch.optim.AdamW`. With a
 * weight decay of 0 it is Adam (Kingma & Ba, 2015, algorithm 1).
 */
export class AdamW extends Optimizer<AdamScalars> {
  readonly #options: Required<Pick<AdamWOptions, 'beta1' | 'beta2' | 'epsilon'>>;

  constructor(
    parameters: NamedVariables,
    { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0.01, groups = [] }: AdamWOptions = {},
  ) {
    super(parameters, ['exp_avg', 'exp_avg_sq'], { weightDecay, groups });
    this.#options = { beta1, beta2, epsilon };
  }

  protected override scalars(step: tf.Tensor, learningRate: tf.Tensor, weightDecay: number): AdamScalars {
    const { beta1, beta2, epsilon } = this.#options;
    const secondCorrection = tf.sqrt(oneMinusPower(beta2, step));
    return {
      stepSize: tf.div(tf.mul(learningRate, secondCorrection), oneMinusPower(beta1, step)),
      epsilon: tf.mul(secondCorrection, epsilon),
      ...(weightDecay !== 0 && { decay: tf.sub(1, tf.mul(learningRate, weightDecay)) }),
    };
  }

  protected override update(name: string, parameter: tf.Variable, gradient: tf.Tensor, scalars: AdamScalars): void {
    const { beta1, beta2 } = this.#options;
    const [expAvg, expAvgSq] = [this.slot('exp_avg', name), this.slot('exp_avg_sq', name)];
    if (hasKernel('AdamUpdate')) {
      tf.engine().runKernel('AdamUpdate', { parameter, gradient, expAvg, expAvgSq, ...scalars }, { beta1, beta2 });
      return;
    }
    const { stepSize, epsilon, decay } = scalars;
    expAvg.assign(tf.add(tf.mul(expAvg, beta1), tf.mul(gradient, 1 - beta1)));
    expAvgSq.assign(tf.add(tf.mul(expAvgSq, beta2), tf.mul(tf.square(gradient), 1 - beta2)));
    const decayed = decay === undefined ? parameter : tf.mul(parameter, decay);
    const direction = tf.div(expAvg, tf.add(tf.sqrt(expAvgSq), epsilon));
    parameter.assign(tf.sub(decayed, tf.mul(direction, stepSize)));
  }
}

/** Adam (Kingma & Ba, 2015, algorithm 1). Matches `torch.optim.Adam`. */
export class Adam extends AdamW {
  constructor(parameters: NamedVariables, options: Omit<AdamWOptions, 'weightDecay'> = {}) {
    super(parameters, { ...options, weightDecay: 0 });
  }
}

/** 1 − βᵗ = −expm1(t ln β), which stays precise in float32 where β is near 1. */
function oneMinusPower(beta: number, step: tf.Tensor): tf.Tensor {
  return tf.neg(tf.expm1(tf.mul(step, Math.log(beta))));
}
