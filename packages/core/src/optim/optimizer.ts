import * as tf from '@tensorflow/tfjs-core';
import type { NamedVariables } from '../nn/module.ts';
import { buffer } from '../nn/parameter.ts';
import { checkStateDict, copyInto, type StateDict } from '../nn/state-dict.ts';

/**
 * Updates parameters from their gradients. Its slots (one variable per parameter and slot name) are its state, named
 * `exp_avg.encoder.0.weight`, beside the scalar `step`.
 */
export abstract class Optimizer<Scalars = unknown> {
  readonly parameters: NamedVariables;
  readonly #slots = new Map<string, tf.Variable>();
  /** Updates made so far: a tensor, so that a compiled step counts too. */
  readonly #step: tf.Variable = buffer(tf.scalar(0));

  constructor(parameters: NamedVariables, slotNames: readonly string[]) {
    this.parameters = parameters;
    for (const [name, { shape }] of parameters)
      for (const slot of slotNames) this.#slots.set(`${slot}.${name}`, buffer(tf.zeros(shape)));
  }

  /**
   * Updates every parameter in place. The gradients and the learning rate, a number or a scalar, stay the caller's.
   * @throws Error naming a parameter without a gradient.
   */
  step(gradients: StateDict, learningRate: number | tf.Tensor): void {
    tf.tidy(() => {
      this.#step.assign(tf.add(this.#step, 1));
      const scalars = this.scalars(this.#step, tf.cast(learningRate, 'float32'));
      for (const [name, parameter] of this.parameters) {
        const gradient = gradients[name];
        if (gradient === undefined) throw new Error(`optimizer: no gradient for parameter "${name}"`);
        this.update(name, parameter, gradient, scalars);
      }
    });
  }

  /** What one step has in common for all parameters. @param step counted from 1 */
  protected abstract scalars(step: tf.Tensor, learningRate: tf.Tensor): Scalars;

  /** Updates one parameter and its slots; runs inside `tf.tidy`. */
  protected abstract update(name: string, parameter: tf.Variable, gradient: tf.Tensor, scalars: Scalars): void;

  protected slot(slotName: string, parameterName: string): tf.Variable {
    return this.#slots.get(`${slotName}.${parameterName}`)!;
  }

  /** Slots and the scalar `step`. The caller disposes of the tensors; use them before the next step. */
  stateDict(): Record<string, tf.Tensor> {
    const slots = [...this.#slots].map(([name, variable]) => [name, tf.clone(variable)] as const);
    return { step: tf.clone(this.#step), ...Object.fromEntries(slots) };
  }

  /**
   * Goes on from a state dict; all or nothing. The tensors stay the caller's.
   * @throws StateDictError naming the tensor that is missing, unexpected or of another shape or dtype.
   */
  loadStateDict(state: StateDict): void {
    const expected = new Map<string, { shape: readonly number[]; dtype: string }>(this.#slots);
    expected.set('step', { shape: [], dtype: 'float32' });
    checkStateDict(state, expected);
    for (const [name, variable] of this.#slots) copyInto(variable, state[name]!);
    copyInto(this.#step, state.step!);
  }

  /** Frees the slots. */
  dispose(): void {
    for (const variable of this.#slots.values()) variable.dispose();
    this.#slots.clear();
    this.#step.dispose();
  }
}
