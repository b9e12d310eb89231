import * as tf from '@tensorflow/tfjs-core';
import type { NamedVariables } from '../nn/module.ts';
import { buffer } from '../nn/parameter.ts';
import { checkStateDict, copyInto, type StateDict } from '../nn/state-dict.ts';

/**
 * Exponential moving average of the weights: a ← d a + (1 − d) θ after each update, and a = θ after the first. Matches
 * `torch.optim.swa_utils.AveragedModel` with `get_ema_multi_avg_fn(d)`. Buffers are not averaged.
 */
export class WeightAverage {
  readonly #parameters: NamedVariables;
  readonly #averages: NamedVariables;
  readonly #decay: number;

  constructor(parameters: NamedVariables, decay: number) {
    this.#parameters = parameters;
    this.#decay = decay;
    this.#averages = new Map([...parameters].map(([name, value]) => [name, buffer(copy(value))]));
  }

  /** Decay d of an update. 0 for the first, step 0. */
  decayAt(step: number): number {
    return step === 0 ? 0 : this.#decay;
  }

  /** Adds the updated weights to the average. @param decay scalar */
  update(decay: tf.Tensor): void {
    tf.tidy(() => {
      for (const [name, average] of this.#averages) {
        const rest = tf.mul(this.#parameters.get(name)!, tf.sub(1, decay));
        average.assign(tf.add(tf.mul(average, decay), rest));
      }
    });
  }

  /**
   * Replaces the weights by their averages while `run` lasts.
   * @param run receives the original weights as `parameter.<name>`, since the model holds the averages
   */
  async inPlace<T>(run: (weights: StateDict) => Promise<T>): Promise<T> {
    const weights = Object.fromEntries(
      [...this.#parameters].map(([name, value]) => [`parameter.${name}`, copy(value)] as const),
    );
    this.adopt();
    try {
      return await run(weights);
    } finally {
      this.#setParameters(weights);
      tf.dispose(weights);
    }
  }

  /** Replaces the weights by their averages for good. */
  adopt(): void {
    for (const [name, parameter] of this.#parameters) copyInto(parameter, this.#averages.get(name)!);
  }

  /**
   * Restores averages and weights, from a model that holds the averages and the weights that `inPlace` passed to `run`.
   * @throws StateDictError naming a missing weight
   */
  restore(weights: StateDict): void {
    checkStateDict(
      weights,
      new Map([...this.#parameters].map(([name, value]) => [`parameter.${name}`, value] as const)),
    );
    for (const [name, average] of this.#averages) copyInto(average, this.#parameters.get(name)!);
    this.#setParameters(weights);
  }

  dispose(): void {
    for (const average of this.#averages.values()) average.dispose();
  }

  #setParameters(weights: StateDict): void {
    for (const [name, parameter] of this.#parameters) copyInto(parameter, weights[`parameter.${name}`]!);
  }
}

/** A copy in new memory: fused kernels update variables in place, which would change a clone. */
function copy(value: tf.Tensor): tf.Tensor {
  return tf.mul(value, 1);
}
