import * as tf from '@tensorflow/tfjs-core';
import type { NamedVariables } from '../nn/module.ts';
import { Optimizer, type OptimizerOptions } from './optimizer.ts';

export interface LionOptions extends OptimizerOptions {
  /** Weight of the momentum in the direction of a step. Default 0.9. */
  readonly beta1?: number;
  /** Decay rate of the momentum. Default 0.99. */
  readonly beta2?: number;
  /** Decoupled weight decay: each step shrinks parameters by learningRate · weightDecay. Default 0. */
  readonly weightDecay?: number;
}

interface LionScalars {
  readonly learningRate: tf.Tensor;
  /** 1 − learning rate · weight decay; undefined without weight decay. */
  readonly decay: tf.Tensor | undefined;
}

/**
 * Lion (Chen et al., "Symbolic discovery of optimization algorithms", 2023, algorithm 2): θ ← θ − α (sign(β₁ m + (1 −
 * β₁) g) + λ θ), then m ← β₂ m + (1 − β₂) g. Use a third to a tenth of Adam's learning rate.
 */
export class Lion extends Optimizer<LionScalars> {
  readonly #beta1: number;
  readonly #beta2: number;

  constructor(parameters: NamedVariables, { beta1 = 0.9, beta2 = 0.99, ...options }: LionOptions = {}) {
    super(parameters, ['exp_avg'], options);
    this.#beta1 = beta1;
    this.#beta2 = beta2;
  }

  protected override scalars(_step: tf.Tensor, learningRate: tf.Tensor, weightDecay: number): LionScalars {
    return { learningRate, decay: weightDecay === 0 ? undefined : tf.sub(1, tf.mul(learningRate, weightDecay)) };
  }

  protected override update(name: string, parameter: tf.Variable, gradient: tf.Tensor, scalars: LionScalars): void {
    const { learningRate, decay } = scalars;
    const momentum = this.slot('exp_avg', name);
    const direction = tf.sign(tf.add(tf.mul(momentum, this.#beta1), tf.mul(gradient, 1 - this.#beta1)));
    const decayed = decay === undefined ? parameter : tf.mul(parameter, decay);
    parameter.assign(tf.sub(decayed, tf.mul(direction, learningRate)));
    momentum.assign(tf.add(tf.mul(momentum, this.#beta2), tf.mul(gradient, 1 - this.#beta2)));
  }
}
