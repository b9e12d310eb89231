/**
 * A multilayer perceptron from points of the plane to logits of the classes:
 *
 *   h₀ = x,  hᵢ = ReLU(Wᵢ hᵢ₋₁ + bᵢ),  logits = W h + b
 *
 * B batch.
 */
import { type Layer, Linear, Module, type RandomStream, Sequential } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import type { FoodVisionConfig } from './config.ts';

const INPUTS = 2;
const CLASSES = 2;

export class FoodVisionModel extends Module implements Layer {
  readonly hidden: Sequential;
  readonly output: Linear;

  /** @param random draws the initial weights */
  constructor({ hiddenSizes }: FoodVisionConfig['model'], random: RandomStream) {
    super();
    const sizes = [INPUTS, ...hiddenSizes];
    const layers = hiddenSizes.flatMap((units, index) => [
      new Linear(sizes[index]!, units, { random: random.fork(index) }),
      tf.relu,
    ]);
    this.hidden = new Sequential(...layers);
    this.output = new Linear(sizes.at(-1)!, CLASSES, { random: random.fork('output') });
  }

  /** Points [B, 2] → logits [B, 2]. */
  forward(positions: tf.Tensor): tf.Tensor {
    return tf.tidy(() => this.output.forward(this.hidden.forward(positions)));
  }
}
