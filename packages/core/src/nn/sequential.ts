import * as tf from '@tensorflow/tfjs-core';
import { Module, type Layer } from './module.ts';

/** A function from tensor to tensor without parameters: an activation, a reshape. */
export type TensorFunction = (input: tf.Tensor) => tf.Tensor;

/** Layers one after the other; each, functions too, counts in the names as in PyTorch's `Sequential` (`0.weight`). */
export class Sequential extends Module implements Layer {
  readonly #layers: readonly (TensorFunction | (Module & Layer))[];

  constructor(...layers: readonly (TensorFunction | (Module & Layer))[]) {
    super();
    this.#layers = layers;
  }

  protected override *children(): Generator<readonly [string, Module]> {
    for (const [index, layer] of this.#layers.entries()) if (layer instanceof Module) yield [String(index), layer];
  }

  forward(input: tf.Tensor): tf.Tensor {
    return tf.tidy(() =>
      this.#layers.reduce(
        (value, layer) => (layer instanceof Module ? layer.forward(value) : layer(value)),
        // Its own handle: where nothing is done to the input, it stays the caller's.
        tf.clone(input),
      ),
    );
  }
}
