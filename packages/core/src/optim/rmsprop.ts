import * as tf from '@tensorflow/tfjs-core';
import type { NamedVariables } from '../nn/module.ts';
import { Optimizer, type OptimizerOptions } from './optimizer.ts';
import { penalized, type PenaltyScalars } from './penalty.ts';

export interface RmsPropOptions extends OptimizerOptions {
  /** Decay rate of the mean squared gradient. Default 0.99. */
  readonly smoothing?: number;
  /** ε, added to the root of the mean squared gradient. Default 1e-8. */
  readonly epsilon?: number;
  /** Momentum. Default 0, which needs no slot. */
  readonly momentum?: number;
  /** Whether to divide by the standard deviation of the gradient instead of its root mean square. Default false. */
  readonly centered?: boolean;
  /** L2 penalty added to the gradient. Default 0. */
  readonly weightDecay?: number;
}

/** RMSprop (Tieleman & Hinton, 2012; centered: Graves, 2013). Matches `torch.optim.RMSprop`. */
export class RmsProp extends Optimizer<PenaltyScalars> {
  readonly #smoothing: number;
  readonly #epsilon: number;
  readonly #momentum: number;
  readonly #centered: boolean;

  constructor(
    parameters: NamedVariables,
    { smoothing = 0.99, epsilon = 1e-8, momentum = 0, centered = false, ...options }: RmsPropOptions = {},
  ) {
    const slots = ['square_avg', ...(momentum === 0 ? [] : ['momentum_buffer']), ...(centered ? ['grad_avg'] : [])];
    super(parameters, slots, options);
    this.#smoothing = smoothing;
    this.#epsilon = epsilon;
    this.#momentum = momentum;
    this.#centered = centered;
  }

  protected override scalars(_step: tf.Tensor, learningRate: tf.Tensor, weightDecay: number): PenaltyScalars {
    return { learningRate, weightDecay };
  }

  protected override update(name: string, parameter: tf.Variable, gradient: tf.Tensor, scalars: PenaltyScalars): void {
    const direction = penalized(gradient, parameter, scalars.weightDecay);
    let meanSquare: tf.Tensor = this.#moveTowards(this.slot('square_avg', name), tf.square(direction));
    if (this.#centered) {
      const mean = this.#moveTowards(this.slot('grad_avg', name), direction);
      meanSquare = tf.sub(meanSquare, tf.square(mean));
    }
    let scaled: tf.Tensor = tf.div(direction, tf.add(tf.sqrt(meanSquare), this.#epsilon));
    if (this.#momentum !== 0) {
      const momentumBuffer = this.slot('momentum_buffer', name);
      momentumBuffer.assign(tf.add(tf.mul(momentumBuffer, this.#momentum), scaled));
      scaled = momentumBuffer;
    }
    parameter.assign(tf.sub(parameter, tf.mul(scaled, scalars.learningRate)));
  }

  #moveTowards(average: tf.Variable, value: tf.Tensor): tf.Variable {
    average.assign(tf.add(tf.mul(average, this.#smoothing), tf.mul(value, 1 - this.#smoothing)));
    return average;
  }
}
