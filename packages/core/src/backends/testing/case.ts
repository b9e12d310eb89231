import type * as tf from '@tensorflow/tfjs-core';

/** A float32 input of a case: its shape, and the range of its values. */
export interface Input {
  readonly shape: readonly number[];
  readonly low: number;
  readonly high: number;
}

/** Inputs as shapes have values in [-2, 2). */
export type InputLike = readonly number[] | Input;

export type Operation = (...inputs: tf.Tensor[]) => tf.Tensor | readonly tf.Tensor[];

/** An operation at the inputs at which its gradients are checked; what it reads besides is constant. */
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
