import * as tf from '@tensorflow/tfjs-core';
import { hasKernel } from '../nn/has-kernel.ts';
import type { NamedVariables } from '../nn/module.ts';
import { Optimizer } from './optimizer.ts';

export interface SgdOptions {
  /** Default 0: no momentum, no slots. */
  readonly momentum?: number;
  /** Default false. */
  readonly nesterov?: boolean;
  /** L2 penalty added to the gradient. Default 0. */
  readonly weightDecay?: number;
}

/** Stochastic gradient descent with the semantics of `torch.optim.SGD` (dampening 0). */
export class Sgd extends Optimizer<tf.Tensor> {
  readonly #momentum: number;
  readonly #nesterov: boolean;
  readonly #weightDecay: number;

  constructor(parameters: NamedVariables, { momentum = 0, nesterov = false, weightDecay = 0 }: SgdOptions = {}) {
    if (nesterov && momentum === 0) throw new RangeError('Sgd: nesterov expected a momentum above 0, got 0');
    super(parameters, momentum === 0 ? [] : ['momentum_buffer']);
    this.#momentum = momentum;
    this.#nesterov = nesterov;
    this.#weightDecay = weightDecay;
  }

  protected override scalars(_step: tf.Tensor, learningRate: tf.Tensor): tf.Tensor {
    return learningRate;
  }

  protected override update(name: string, parameter: tf.Variable, gradient: tf.Tensor, learningRate: tf.Tensor): void {
    const [momentum, nesterov, weightDecay] = [this.#momentum, this.#nesterov, this.#weightDecay];
    const momentumBuffer = momentum === 0 ? undefined : this.slot('momentum_buffer', name);
    if (hasKernel('SgdUpdate')) {
      const inputs = { parameter, gradient, learningRate, ...(momentumBuffer && { momentumBuffer }) };
      tf.engine().runKernel('SgdUpdate', inputs, { momentum, nesterov, weightDecay });
      return;
    }
    let direction = weightDecay === 0 ? gradient : tf.add(gradient, tf.mul(parameter, weightDecay));
    if (momentumBuffer !== undefined) {
      // A buffer of zeros gives what PyTorch does at the first step: the buffer becomes the gradient.
      momentumBuffer.assign(tf.add(tf.mul(momentumBuffer, momentum), direction));
      direction = nesterov ? tf.add(direction, tf.mul(momentumBuffer, momentum)) : momentumBuffer;
    }
    parameter.assign(tf.sub(parameter, tf.mul(direction, learningRate)));
  }
}
