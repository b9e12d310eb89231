import { Module, type RandomTensors } from '@motley/core';
import type * as tf from '@tensorflow/tfjs-core';

/**
 * A network whose last layer turns pooled features into outputs: classes, or the coordinates of an embedding.
 *
 * B batch, H height, W width, C channels, F features, O outputs; pictures are [B, H, W, 3], normalized.
 */
export abstract class Backbone extends Module {
  /** F */
  abstract readonly features: number;
  /** Names of the last layer's weights begin with it. */
  abstract readonly headName: string;

  /**
   * The last feature maps: pictures [B, H, W, 3] → [B, H', W', F].
   * @param random noise of stochastic depth, which training mode needs
   */
  abstract maps(pictures: tf.Tensor, random?: RandomTensors): tf.Tensor;

  /** Outputs of the last layer: pictures [B, H, W, 3] → [B, O]. */
  abstract forward(pictures: tf.Tensor, random?: RandomTensors): tf.Tensor;
}
