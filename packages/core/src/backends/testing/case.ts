import type * as tf from '@tensorflow/tfjs-core';

/** A float32 input of a case: its shape, and the range of its values. */
export interface Input {
  readonly shape: readonly number[];
  readonly low: number;
  readonly high: number;
}

/** A shape alone stands for values in [-2, 2). */
export type InputLike = readonly number[] | Input;

export type Operation = (...inputs: tf.Tensor[]) => tf.Tensor | readonly tf.Tensor[];

/** Operation with the inputs that it is differentiated by. Anything else it reads is constant. */
export interface Case {
  readonly inputs: readonly Input[];
  readonly operation: Operation;
}

export type Cases = Readonly<Record<string, Case>>;

export function differentiable(inputs: readonly InputLike[], operation: Operation): Case {
  return { inputs: inputs.map((input) => ('shape' in input ? input : within(-2, 2, input))), operation };
}

export function within(low: number, high: number, shape: readonly number[]): Input {
  return { shape, low, high };
}
