import * as tf from '@tensorflow/tfjs-core';
import type { NamedVariables } from '../nn/module.ts';
import { hasKernel } from '../tensors/has-kernel.ts';
import { Optimizer, type OptimizerOptions } from './optimizer.ts';
import { penalized, type PenaltyScalars } from './penalty.ts';

export interface SgdOptions extends OptimizerOptions {
  /** Momentum. Default 0, which needs no slots. */
  readonly momentum?: number;
  /** Whether the momentum is Nesterov's. Default false. */
  readonly nesterov?: boolean;
  /** L2 penalty added to the gradient. Default 0. */
  readonly weightDecay?: number;
}

/** Stochastic gradient descent. Matches `torch.optim.SGD` with dampening 0. */
export class Sgd extends Optimizer<PenaltyScalars> {
  readonly #momentum: number;
  readonly #nesterov: boolean;

  /** @throws RangeError where Nesterov momentum is requested with a momentum of 0 */
  constructor(parameters: NamedVariables, { momentum = 0, nesterov = false, ...options }: SgdOptions = {}) {
    if (nesterov && momentum === 0) throw new RangeError('Sgd: nesterov expected a momentum above 0, got 0');
    super(parameters, momentum === 0 ? [] : ['momentum_buffer'], options);
    this.#momentum = momentum;
    this.#nesterov = nesterov;
  }

  protected override scalars(_step: tf.Tensor, learningRate: tf.Tensor, weightDecay: number): PenaltyScalars {
    return { learningRate, weightDecay };
  }

  protected override update(name: string, parameter: tf.Variable, gradient: tf.Tensor, scalars: PenaltyScalars): void {
    const [momentum, nesterov] = [this.#momentum, this.#nesterov];
    const { learningRate, weightDecay } = scalars;
    const momentumBuffer = momentum === 0 ? undefined : this.slot('momentum_buffer', name);
    if (hasKernel('SgdUpdate')) {
      const inputs = { parameter, gradient, learningRate, ...(momentumBuffer && { momentumBuffer }) };
      tf.engine().runKernel('SgdUpdate', inputs, { momentum, nesterov, weightDecay });
      return;
    }
    let direction = penalized(gradient, parameter, weightDecay);
    if (momentumBuffer !== undefined) {
      // From a zero buffer, the first step sets the buffer to the gradient, as PyTorch does.
      momentumBuffer.assign(tf.add(tf.mul(momentumBuffer, momentum), direction));
      direction = nesterov ? tf.add(direction, tf.mul(momentumBuffer, momentum)) : momentumBuffer;
    }
    parameter.assign(tf.sub(parameter, tf.mul(direction, learningRate)));
  }
}
