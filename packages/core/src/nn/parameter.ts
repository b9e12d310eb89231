import * as tf from '@tensorflow/tfjs-core';

/** Creates a trainable variable from `initial`, and takes ownership of `initial`. */
export function parameter(initial: tf.Tensor): tf.Variable {
  return variable(initial, true);
}

/** Creates a variable that is saved but not trained. Takes ownership of `initial`. */
export function buffer(initial: tf.Tensor): tf.Variable {
  return variable(initial, false);
}

function variable(initial: tf.Tensor, trainable: boolean): tf.Variable {
  const result = tf.variable(initial, trainable);
  initial.dispose();
  return result;
}
