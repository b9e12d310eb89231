import * as tf from '@tensorflow/tfjs-core';
import { architectures } from './architectures.ts';
import type { FoodVisionConfig } from './config.ts';
import type { EfficientNet } from './networks/efficient-net.ts';
import type { ImageClassifier } from './networks/image-classifier.ts';
import type { VisionTransformer } from './networks/vision-transformer.ts';
import { normalize, type Preprocessing } from './pictures/preprocess.ts';

/** How pictures become predictions. */
export interface Seeing {
  readonly preprocessing: Preprocessing;
  /** Whether the mirror image is looked at too. */
  readonly mirrored: boolean;
}

/** How the pictures of a run become predictions. */
export function seeingOf({ model, evaluation }: FoodVisionConfig): Seeing {
  return { preprocessing: architectures[model.architecture].preprocessing, mirrored: evaluation.mirrored };
}

/** The input of a network from squares: bytes [N, S, S, 3] → float32 [N, S, S, 3]. */
export function inputOf(squares: Uint8Array, preprocessing: Preprocessing): tf.Tensor {
  const size = preprocessing.cropSize;
  return tf.tensor(normalize(squares, preprocessing), [squares.length / (size * size * 3), size, size, 3]);
}

/**
 * Features of pictures, the mean of those of a picture and of its mirror image where both are looked at: bytes
 * [N, S, S, 3] → [N, D].
 */
export function featuresOf(
  model: ImageClassifier,
  squares: Uint8Array,
  { preprocessing, mirrored }: Seeing,
): tf.Tensor {
  return tf.tidy(() => {
    const pictures = inputOf(squares, preprocessing);
    const features = model.features(pictures);
    if (!mirrored) return features;
    return tf.div(tf.add(features, model.features(tf.reverse(pictures, 2))), 2);
  });
}

/** Class probabilities: bytes [N, S, S, 3] → [N, V]. The last layer is linear, so mean features give mean logits. */
export function classify(model: ImageClassifier, squares: Uint8Array, seeing: Seeing): tf.Tensor {
  return tf.tidy(() => tf.softmax(model.classify(featuresOf(model, squares, seeing))));
}

/**
 * Class activation maps Mᵥ(x, y) = Σ_k wᵥₖ f_k(x, y): the evidence for each class at each position (Zhou et al., 2016,
 * equation 2). The mean of a map plus the bias is exactly the logit. Input [B, H, W, 3] → [B, H', W', V].
 */
export function classActivationMaps(model: EfficientNet, input: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const maps = model.maps(input); // [B, H', W', D]
    const [batch, height, width, features] = maps.shape as [number, number, number, number];
    const products = tf.matMul(tf.reshape(maps, [-1, features]), model.head.weight, false, true);
    return tf.reshape(products, [batch, height, width, -1]);
  });
}

/**
 * Attention rollout: how much of each patch reaches the class token, as the product over the blocks of the mean
 * attention of the heads, half of it replaced by the shortcut (Abnar & Zuidema, "Quantifying attention flow in
 * transformers", ACL 2020, arXiv 2005.00928, equation 1). Input [B, H, W, 3] → [B, H / P, W / P], each summing to 1.
 */
export function attentionRollout(model: VisionTransformer, input: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    let product: tf.Tensor | undefined;
    for (const attention of model.attentions(input)) {
      const mean = tf.mean(attention, 1); // [B, T, T]
      const mixed = tf.mul(tf.add(mean, tf.eye(mean.shape[1]!)), 0.5);
      product = product === undefined ? mixed : tf.matMul(mixed, product);
    }
    const [batch, tokens] = product!.shape as [number, number];
    const fromPatches = tf.reshape(tf.slice(product!, [0, 0, 1], [batch, 1, tokens - 1]), [batch, tokens - 1]);
    const side = Math.sqrt(tokens - 1);
    return tf.reshape(tf.div(fromPatches, tf.sum(fromPatches, 1, true)), [batch, side, side]);
  });
}
