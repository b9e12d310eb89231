import * as tf from '@tensorflow/tfjs-core';
import type { NamedVariables } from '../nn/module.ts';
import { buffer } from '../nn/parameter.ts';
import { checkStateDict, copyInto, type StateDict } from '../nn/state-dict.ts';

/**
 * The exponential moving average of the weights: a ← d a + (1 − d) θ after each update, and a = θ after the first, as
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

  /** d of an update, the first being 0. */
  decayAt(step: number): number {
    return step === 0 ? 0 : this.#decay;
  }

  /** Takes note of the updated weights. @param decay scalar */
  update(decay: tf.Tensor): void {
    tf.tidy(() => {
      for (const [name, average] of this.#averages) {
        const rest = tf.mul(this.#parameters.get(name)!, tf.sub(1, decay));
        average.assign(tf.add(tf.mul(average, decay), rest));
      }
    });
  }

  /**
   * Puts the averages in the weights' place while `run` lasts.
   * @param run is given the weights themselves, as `parameter.<name>`: they are no longer in the model
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

  /** Makes the averages the weights. */
  adopt(): void {
    for (const [name, parameter] of this.#parameters) copyInto(parameter, this.#averages.get(name)!);
  }

  /**
   * Goes on from a model that holds the averages, and the weights as `inPlace` gave them.
   * @throws StateDictError where weights are missing
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

/** Fused kernels update variables in place: a clone would change with them. */
function copy(value: tf.Tensor): tf.Tensor {
  return tf.mul(value, 1);
}
