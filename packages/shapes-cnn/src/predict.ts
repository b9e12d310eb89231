import * as tf from '@tensorflow/tfjs-core';
import type { ShapesCnn } from './model.ts';

/** Class probabilities: pictures [B, H, W, 3] in [0, 1] → [B, V]. */
export function classify(model: ShapesCnn, images: tf.Tensor): tf.Tensor {
  return tf.tidy(() => tf.softmax(model.forward(images)));
}

/**
 * Class activation maps Mᵥ(x, y) = Σ_k wᵥₖ f_k(x, y): the evidence for each class at each position (Zhou et al., 2016,
 * equation 2). The mean of a map plus the bias is exactly the logit. Pictures [B, H, W, 3] in [0, 1] → [B, H', W', V].
 */
export function classActivationMaps(model: ShapesCnn, images: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const maps = model.features(images); // [B, H', W', C]
    const [batch, height, width, channels] = maps.shape as [number, number, number, number];
    const products = tf.matMul(tf.reshape(maps, [-1, channels]), model.classifier.weight, false, true);
    return tf.reshape(products, [batch, height, width, -1]);
  });
}
