import * as tf from '@tensorflow/tfjs-core';
import type { NamedVariables } from '../nn/module.ts';
import { Optimizer, type OptimizerOptions } from './optimizer.ts';
import { penalized, type PenaltyScalars } from './penalty.ts';

export interface AdagradOptions extends OptimizerOptions {
  /** ε, added to the root of the summed squares. Default 1e-10. */
  readonly epsilon?: number;
  /** L2 penalty added to the gradient. Default 0. */
  readonly weightDecay?: number;
}

/** Adagrad (Duchi et al., 2011): θ ← θ − α g / (√Σg² + ε). Matches `torch.optim.Adagrad`. */
export class Adagrad extends Optimizer<PenaltyScalars> {
  readonly #epsilon: number;

  constructor(parameters: NamedVariables, { epsilon = 1e-10, ...options }: AdagradOptions = {}) {
    super(parameters, ['sum'], options);
    this.#epsilon = epsilon;
  }

  protected override scalars(_step: tf.Tensor, learningRate: tf.Tensor, weightDecay: number): PenaltyScalars {
    return { learningRate, weightDecay };
  }

  protected override update(name: string, parameter: tf.Variable, gradient: tf.Tensor, scalars: PenaltyScalars): void {
    const sum = this.slot('sum', name);
    const direction = penalized(gradient, parameter, scalars.weightDecay);
    sum.assign(tf.add(sum, tf.square(direction)));
    const scaled = tf.div(direction, tf.add(tf.sqrt(sum), this.#epsilon));
    parameter.assign(tf.sub(parameter, tf.mul(scaled, scalars.learningRate)));
  }
}
