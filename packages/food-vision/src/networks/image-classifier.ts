import { type Linear, Module, type RandomTensors } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';

/**
 * A backbone, which turns pictures into features, below one linear layer.
 *
 * B batch, H height, W width, C channels, D features, V classes; pictures are [B, H, W, 3], normalized as the
 * architecture expects.
 */
export abstract class ImageClassifier extends Module {
  /** The last layer, [V, D]. */
  abstract readonly head: Linear;
  /** Names of the weights of `head` begin with it: `classifier.1`. */
  abstract readonly headName: string;

  /**
   * Input of the last layer: pictures [B, H, W, 3] → [B, D].
   * @param random noise of stochastic depth and dropout, which training mode needs
   */
  abstract features(pictures: tf.Tensor, random?: RandomTensors): tf.Tensor;

  /** Logits of features: [B, D] → [B, V]. */
  abstract classify(features: tf.Tensor, random?: RandomTensors): tf.Tensor;

  /** Logits: pictures [B, H, W, 3] → [B, V]. */
  forward(pictures: tf.Tensor, random?: RandomTensors): tf.Tensor {
    return tf.tidy(() => this.classify(this.features(pictures, random), random));
  }

  /** Weights of the backbone alone: all but the last layer's. */
  backboneParameters(): tf.Variable[] {
    return [...this.namedParameters()].flatMap(([name, variable]) =>
      name.startsWith(`${this.headName}.`) ? [] : [variable],
    );
  }
}

/** The noise of a training. @throws Error where a network in training mode is given none */
export function noiseOf(random: RandomTensors | undefined, place: string): RandomTensors {
  if (random === undefined) throw new Error(`${place}: expected the noise of the step in training mode, got none`);
  return random;
}
