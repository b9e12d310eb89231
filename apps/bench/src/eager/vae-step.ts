import * as tf from '@tensorflow/tfjs-core';

const BATCH_SIZE = 128;
const PIXELS = 784;
const HIDDEN = 512;
const LATENT = 20;

/**
 * A training step of a dense VAE (Kingma & Welling 2014, appendix C.1) in plain TensorFlow.js, forward, backward and
 * `tf.train.adam`: the same JavaScript on every backend.
 */
export function vaeTrainingStep(): () => void {
  let seed = 100;
  const weight = (rows: number, columns: number): tf.Variable =>
    tf.variable(tf.randomNormal([rows, columns], 0, Math.sqrt(1 / rows), 'float32', seed++));
  const bias = (size: number): tf.Variable => tf.variable(tf.zeros([size]));
  const encoder = [weight(PIXELS, HIDDEN), bias(HIDDEN)] as const;
  const mean = [weight(HIDDEN, LATENT), bias(LATENT)] as const;
  const logVariance = [weight(HIDDEN, LATENT), bias(LATENT)] as const;
  const decoder = [weight(LATENT, HIDDEN), bias(HIDDEN)] as const;
  const output = [weight(HIDDEN, PIXELS), bias(PIXELS)] as const;
  const images = tf.randomUniform([BATCH_SIZE, PIXELS], 0, 1, 'float32', seed++);
  const optimizer = tf.train.adam(1e-3);

  const dense = (x: tf.Tensor, [kernel, offset]: readonly [tf.Variable, tf.Variable]): tf.Tensor =>
    tf.add(tf.matMul(x, kernel), offset);

  const negativeElbo = (): tf.Scalar => {
    const features = tf.relu(dense(images, encoder));
    const mu = dense(features, mean);
    const logSigma2 = dense(features, logVariance);
    const noise = tf.randomNormal([BATCH_SIZE, LATENT], 0, 1, 'float32', seed++);
    const z = tf.add(mu, tf.mul(tf.exp(tf.mul(logSigma2, 0.5)), noise));
    const logits = dense(tf.relu(dense(z, decoder)), output);
    // −log p(x|z) = Σ max(l, 0) − l·x + log(1 + exp(−|l|))
    const reconstruction = tf.sum(
      tf.add(tf.sub(tf.relu(logits), tf.mul(logits, images)), tf.log1p(tf.exp(tf.neg(tf.abs(logits))))),
    );
    // KL = −½ Σ 1 + log σ² − μ² − σ²
    const divergence = tf.mul(tf.sum(tf.sub(tf.sub(tf.add(logSigma2, 1), tf.square(mu)), tf.exp(logSigma2))), -0.5);
    return tf.div(tf.add(reconstruction, divergence), BATCH_SIZE);
  };
  return () => {
    optimizer.minimize(negativeElbo);
  };
}
