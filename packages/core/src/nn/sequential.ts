import * as tf from '@tensorflow/tfjs-core';
import { Module, type Layer } from './module.ts';

/** Parameter-free function of a tensor, such as an activation or a reshape. */
export type TensorFunction = (input: tf.Tensor) => tf.Tensor;

/** Chain of layers. Functions count in the numbering, as in PyTorch's `Sequential` (`0.weight`). */
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
        // A new handle: an identity must not return the caller's tensor.
        tf.clone(input),
      ),
    );
  }
}
