import * as tf from '@tensorflow/tfjs-core';

/** Scalars of optimizers whose weight decay is an L2 penalty, added to the gradient. */
export interface PenaltyScalars {
  readonly learningRate: tf.Tensor;
  readonly weightDecay: number;
}

/** Gradient with L2 penalty: gradient + weightDecay · parameter. */
export function penalized(gradient: tf.Tensor, parameter: tf.Tensor, weightDecay: number): tf.Tensor {
  return weightDecay === 0 ? gradient : tf.add(gradient, tf.mul(parameter, weightDecay));
}
