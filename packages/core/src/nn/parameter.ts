import * as tf from '@tensorflow/tfjs-core';

/** A trained variable that starts from `initial`, which it takes over. */
export function parameter(initial: tf.Tensor): tf.Variable {
  return variable(initial, true);
}

/** A variable that is saved with the parameters and not trained; takes `initial` over. */
export function buffer(initial: tf.Tensor): tf.Variable {
  return variable(initial, false);
}

function variable(initial: tf.Tensor, trainable: boolean): tf.Variable {
  const result = tf.variable(initial, trainable);
  initial.dispose();
  return result;
}
