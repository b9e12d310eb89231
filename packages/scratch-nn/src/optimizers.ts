import { NdArray } from './array.ts';
import type { NetworkParameter } from './layers/layer.ts';

export const OPTIMIZERS = ['sgd', 'momentum', 'adam'] as const;
type OptimizerName = (typeof OPTIMIZERS)[number];

/** By name: `layers.0.weight`. */
type Parameters = ReadonlyMap<string, NetworkParameter>;

/** Updates parameters in place from their gradients. */
export interface Optimizer {
  /** State kept between steps, under PyTorch's names: `exp_avg.layers.0.weight`. */
  readonly slots: ReadonlyMap<string, NdArray>;
  /**
   * @param step number of the update, from 1
   * @param rateOf gives this step's learning rate for a parameter whose own rate is `own`; undefined for the network's
   */
  update(step: number, rateOf: (own: number | undefined) => number): void;
}

export function createOptimizer(name: OptimizerName, parameters: Parameters): Optimizer {
  switch (name) {
    case 'sgd':
      return new Momentum(parameters, 0);
    case 'momentum':
      return new Momentum(parameters, 0.9);
    case 'adam':
      return new Adam(parameters);
  }
}

function slotsOf(parameters: Parameters, names: readonly string[]): Map<string, NdArray> {
  const entries = names.flatMap((slot) =>
    [...parameters].map(
      ([name, { value }]) => [`${slot}.${name}`, NdArray.zeros(value.shape, value.dataType)] as const,
    ),
  );
  return new Map(entries);
}

/** v ← μ v + g, θ ← θ − α v (Sutskever et al., 2013, in PyTorch's form). Plain gradient descent where μ is 0. */
class Momentum implements Optimizer {
  readonly slots: ReadonlyMap<string, NdArray>;
  readonly #parameters: Parameters;
  readonly #momentum: number;

  constructor(parameters: Parameters, momentum: number) {
    this.#parameters = parameters;
    this.#momentum = momentum;
    this.slots = momentum === 0 ? new Map() : slotsOf(parameters, ['momentum_buffer']);
  }

  update(_: number, rateOf: (own: number | undefined) => number): void {
    for (const [name, { value, gradient, learningRate }] of this.#parameters) {
      const rate = rateOf(learningRate);
      const [weights, gradients] = [value.values, gradient.values];
      const velocity = this.slots.get(`momentum_buffer.${name}`)?.values;
      for (let index = 0; index < weights.length; index++) {
        let change = gradients[index]!;
        if (velocity !== undefined) change = velocity[index] = this.#momentum * velocity[index]! + change;
        weights[index]! -= rate * change;
      }
    }
  }
}

const BETA_1 = 0.9;
const BETA_2 = 0.999;
const EPSILON = 1e-8;

/** Adam (Kingma & Ba, 2015, algorithm 1). */
class Adam implements Optimizer {
  readonly slots: ReadonlyMap<string, NdArray>;
  readonly #parameters: Parameters;

  constructor(parameters: Parameters) {
    this.#parameters = parameters;
    this.slots = slotsOf(parameters, ['exp_avg', 'exp_avg_sq']);
  }

  update(step: number, rateOf: (own: number | undefined) => number): void {
    const [correction1, correction2] = [1 - BETA_1 ** step, 1 - BETA_2 ** step];
    for (const [name, { value, gradient, learningRate }] of this.#parameters) {
      const rate = rateOf(learningRate) / correction1;
      const [weights, gradients] = [value.values, gradient.values];
      const mean = this.slots.get(`exp_avg.${name}`)!.values;
      const square = this.slots.get(`exp_avg_sq.${name}`)!.values;
      for (let index = 0; index < weights.length; index++) {
        const g = gradients[index]!;
        const m = (mean[index] = BETA_1 * mean[index]! + (1 - BETA_1) * g);
        const v = (square[index] = BETA_2 * square[index]! + (1 - BETA_2) * g * g);
        weights[index]! -= (rate * m) / (Math.sqrt(v / correction2) + EPSILON);
      }
    }
  }
}
