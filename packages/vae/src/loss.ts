import * as tf from '@tensorflow/tfjs-core';
import type { Posterior } from './model.ts';

/**
 * -log p(x|z) = Σ_pixels log(1 + eˡ) - x l, l being the logits: the binary cross-entropy, in a form that neither
 * overflows nor loses digits (Kingma & Welling, 2014, appendix C.1). Logits and images [B, 784] → nats [B].
 */
export function reconstructionLoss(logits: tf.Tensor, images: tf.Tensor): tf.Tensor {
  return tf.tidy(() => tf.sum(tf.sub(tf.softplus(logits), tf.mul(images, logits)), 1));
}

/**
 * KL(q(z|x) ‖ p(z)) = ½ Σ_latents μ² + σ² - log σ² - 1 (Kingma & Welling, 2014, appendix B). [B, Z] → nats [B].
 */
export function klDivergence({ mean, logVariance }: Posterior): tf.Tensor {
  return tf.tidy(() => {
    const terms = tf.sub(tf.add(tf.square(mean), tf.exp(logVariance)), tf.add(logVariance, 1));
    return tf.mul(tf.sum(terms, 1), 0.5);
  });
}

/** Scalars, in nats per image. */
export interface VaeLoss extends Readonly<Record<string, tf.Tensor>> {
  /** reconstruction + kl: the negative evidence lower bound, with one posterior sample (equation 7). */
  readonly loss: tf.Tensor;
  readonly reconstruction: tf.Tensor;
  readonly kl: tf.Tensor;
}

/** The loss of a batch and its two terms, each the mean over the images. */
export function vaeLoss(output: Posterior & { readonly logits: tf.Tensor }, images: tf.Tensor): VaeLoss {
  return tf.tidy(() => {
    const reconstruction: tf.Tensor = tf.mean(reconstructionLoss(output.logits, images));
    const kl: tf.Tensor = tf.mean(klDivergence(output));
    return { loss: tf.add(reconstruction, kl), reconstruction, kl };
  });
}
