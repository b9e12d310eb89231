import * as tf from '@tensorflow/tfjs-core';
import type { ShapesCnn } from './model.ts';

/** The model's certainty of each class: pictures [B, H, W, 3] in [0, 1] → probabilities [B, V]. */
export function classify(model: ShapesCnn, images: tf.Tensor): tf.Tensor {
  return tf.tidy(() => tf.softmax(model.forward(images)));
}

/**
 * Mᵥ(x, y) = Σ_k wᵥₖ f_k(x, y): how much each place speaks for each class (Zhou et al., 2016, equation 2). A class's mean
 * over its map, plus its bias, is its logit, exactly. Pictures [B, H, W, 3] in [0, 1] → [B, H', W', V].
 */
export function classActivationMaps(model: ShapesCnn, images: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const maps = model.features(images); // [B, H', W', C]
    const [batch, height, width, channels] = maps.shape as [number, number, number, number];
    const products = tf.matMul(tf.reshape(maps, [-1, channels]), model.classifier.weight, false, true);
    return tf.reshape(products, [batch, height, width, -1]);
  });
}
