import * as tf from '@tensorflow/tfjs-core';
import type { NamedVariables } from '../nn/module.ts';
import { buffer } from '../nn/parameter.ts';
import { checkStateDict, copyInto, type StateDict } from '../nn/state-dict.ts';

/** Parameters with their own learning rate or weight decay. */
export interface ParameterGroup {
  readonly matches: (name: string, parameter: tf.Variable) => boolean;
  /** Factor of the learning rate. Default 1. */
  readonly learningRateFactor?: number;
  /** Weight decay of the group. Default: that of the optimizer. */
  readonly weightDecay?: number;
}

/** Parameter group without weight decay: biases, and scales and shifts of normalization layers. */
export const undecayedVectors: ParameterGroup = { matches: (_, { rank }) => rank < 2, weightDecay: 0 };

/** Options of every optimizer. */
export interface OptimizerOptions {
  /** Weight decay. Each optimizer documents its form and default. */
  readonly weightDecay?: number;
  /** Parameter groups. The first matching group applies; without a match the optimizer's options apply. */
  readonly groups?: readonly ParameterGroup[];
}

interface Group {
  readonly learningRateFactor: number;
  readonly weightDecay: number;
  readonly names: string[];
}

/**
 * Base class of optimizers, which update parameters from their gradients. The state consists of slots, one variable per
 * parameter and slot name (`exp_avg.encoder.0.weight`), and the scalar `step`.
 */
export abstract class Optimizer<Scalars = unknown> {
  readonly parameters: NamedVariables;
  readonly #groups: readonly Group[];
  readonly #slots = new Map<string, tf.Variable>();
  /** Number of updates so far. It is a tensor, so that compiled steps count too. */
  readonly #step: tf.Variable = buffer(tf.scalar(0));

  /** @throws Error naming a variable that comes twice; its second update would follow a stale gradient */
  constructor(parameters: NamedVariables, slotNames: readonly string[], options: OptimizerOptions) {
    requireDistinct(parameters);
    this.parameters = parameters;
    this.#groups = groupsOf(parameters, options);
    for (const [name, { shape }] of parameters)
      for (const slot of slotNames) this.#slots.set(`${slot}.${name}`, buffer(tf.zeros(shape)));
  }

  /**
   * Updates every parameter in place. The caller keeps ownership of the gradients and the learning rate (a number or a
   * scalar).
   * @throws Error naming a parameter without a gradient
   */
  step(gradients: StateDict, learningRate: number | tf.Tensor): void {
    tf.tidy(() => {
      this.#step.assign(tf.add(this.#step, 1));
      const rate = tf.cast(learningRate, 'float32');
      for (const { names, learningRateFactor, weightDecay } of this.#groups) {
        const ownRate = learningRateFactor === 1 ? rate : tf.mul(rate, learningRateFactor);
        const scalars = this.scalars(this.#step, ownRate, weightDecay);
        for (const name of names) {
          const gradient = gradients[name];
          if (gradient === undefined) throw new Error(`optimizer: no gradient for parameter "${name}"`);
          this.update(name, this.parameters.get(name)!, gradient, scalars);
        }
      }
    });
  }

  /** Scalars of one step, shared by the parameters of a group. @param step counted from 1 */
  protected abstract scalars(step: tf.Tensor, learningRate: tf.Tensor, weightDecay: number): Scalars;

  /** Updates one parameter and its slots. Runs inside `tf.tidy`. */
  protected abstract update(name: string, parameter: tf.Variable, gradient: tf.Tensor, scalars: Scalars): void;

  protected slot(slotName: string, parameterName: string): tf.Variable {
    return this.#slots.get(`${slotName}.${parameterName}`)!;
  }

  /** Slots and the scalar `step`. The caller disposes of the tensors. Use them before the next step. */
  stateDict(): Record<string, tf.Tensor> {
    const slots = [...this.#slots].map(([name, variable]) => [name, tf.clone(variable)] as const);
    return { step: tf.clone(this.#step), ...Object.fromEntries(slots) };
  }

  /**
   * Restores the state of `stateDict`. On an error nothing changes. The caller keeps ownership of the tensors.
   * @throws StateDictError naming a tensor that is missing, unexpected or of another shape or dtype
   */
  loadStateDict(state: StateDict): void {
    const expected = new Map<string, { shape: readonly number[]; dtype: string }>(this.#slots);
    expected.set('step', { shape: [], dtype: 'float32' });
    checkStateDict(state, expected);
    for (const [name, variable] of this.#slots) copyInto(variable, state[name]!);
    copyInto(this.#step, state.step!);
  }

  /** Frees the optimizer's state. */
  dispose(): void {
    for (const variable of this.#slots.values()) variable.dispose();
    this.#slots.clear();
    this.#step.dispose();
  }
}

function requireDistinct(parameters: NamedVariables): void {
  const names = new Map<tf.Variable, string>();
  for (const [name, parameter] of parameters) {
    const first = names.get(parameter);
    if (first !== undefined)
      throw new Error(`optimizer: expected each variable once, got one both as "${first}" and as "${name}"`);
    names.set(parameter, name);
  }
}

function groupsOf(parameters: NamedVariables, { weightDecay = 0, groups = [] }: OptimizerOptions): Group[] {
  const rest: Group = { learningRateFactor: 1, weightDecay, names: [] };
  const made = groups.map((group): Group => ({ learningRateFactor: 1, weightDecay, ...group, names: [] }));
  for (const [name, parameter] of parameters) {
    const index = groups.findIndex(({ matches }) => matches(name, parameter));
    (made[index] ?? rest).names.push(name);
  }
  return [rest, ...made].filter(({ names }) => names.length > 0);
}
