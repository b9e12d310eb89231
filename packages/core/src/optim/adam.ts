import * as tf from '@tensorflow/tfjs-core';
import { hasKernel } from '../nn/has-kernel.ts';
import type { NamedVariables } from '../nn/module.ts';
import { Optimizer } from './optimizer.ts';

export interface AdamWOptions {
  /** Default 0.9. */
  readonly beta1?: number;
  /** Default 0.999. */
  readonly beta2?: number;
  /** Added to √v̂, as in the paper. Default 1e-8. */
  readonly epsilon?: number;
  /** Decoupled: each step shrinks parameters by learningRate · weightDecay. Default 0.01, PyTorch's. */
  readonly weightDecay?: number;
}

/**
 * Adam with decoupled weight decay (Loshchilov & Hutter, 2019, algorithm 2) and the semantics of `torch.optim.AdamW`;
 * with a weight decay of 0, Adam (Kingma & Ba, 2015, algorithm 1).
 */
export class AdamW extends Optimizer {
  readonly #options: Required<AdamWOptions>;

  constructor(
    parameters: NamedVariables,
    { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0.01 }: AdamWOptions = {},
  ) {
    super(parameters, ['exp_avg', 'exp_avg_sq']);
    this.#options = { beta1, beta2, epsilon, weightDecay };
  }

  protected override update(name: string, parameter: tf.Variable, gradient: tf.Tensor, learningRate: number): void {
    const { beta1, beta2, epsilon, weightDecay } = this.#options;
    const step = this.stepsDone;
    const [expAvg, expAvgSq] = [this.slot('exp_avg', name), this.slot('exp_avg_sq', name)];
    if (hasKernel('AdamUpdate')) {
      const inputs = { parameter, gradient, expAvg, expAvgSq };
      tf.engine().runKernel('AdamUpdate', inputs, { learningRate, beta1, beta2, epsilon, weightDecay, step });
      return;
    }
    expAvg.assign(tf.add(tf.mul(expAvg, beta1), tf.mul(gradient, 1 - beta1)));
    expAvgSq.assign(tf.add(tf.mul(expAvgSq, beta2), tf.mul(tf.square(gradient), 1 - beta2)));
    const stepSize = learningRate / (1 - beta1 ** step);
    const denominator = tf.add(tf.mul(tf.sqrt(expAvgSq), 1 / Math.sqrt(1 - beta2 ** step)), epsilon);
    const decayed = weightDecay === 0 ? parameter : tf.mul(parameter, 1 - learningRate * weightDecay);
    parameter.assign(tf.sub(decayed, tf.mul(tf.div(expAvg, denominator), stepSize)));
  }
}

/** Adam (Kingma & Ba, 2015, algorithm 1) with the semantics of `torch.optim.Adam`. */
export class Adam extends AdamW {
  constructor(parameters: NamedVariables, options: Omit<AdamWOptions, 'weightDecay'> = {}) {
    super(parameters, { ...options, weightDecay: 0 });
  }
}
