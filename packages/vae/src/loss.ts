import { logSumExp } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import type { VaeConfig } from './config.ts';
import type { NormalPosterior, Posterior, VaeOutput } from './model.ts';

/**
 * Binary cross-entropy -log p(x|z) = Σ_pixels log(1 + eˡ) - x l with logits l, in a form that neither overflows nor
 * loses digits (Kingma & Welling, 2014, appendix C.1). Logits and images [B, P] → nats [B].
 */
export function reconstructionLoss(logits: tf.Tensor, images: tf.Tensor): tf.Tensor {
  return tf.tidy(() => tf.sum(tf.sub(tf.softplus(logits), tf.mul(images, logits)), -1));
}

/**
 * Closed-form KL(q(z|x) ‖ p(z)) = ½ Σ_latents μ² + σ² - log σ² - 1 (Kingma & Welling, 2014, appendix B). [B, Z] → nats [B].
 */
export function klDivergence({ mean, logVariance }: NormalPosterior): tf.Tensor {
  return tf.tidy(() => {
    const terms = tf.sub(tf.add(tf.square(mean), tf.exp(logVariance)), tf.add(logVariance, 1));
    return tf.mul(tf.sum(terms, 1), 0.5);
  });
}

/**
 * Log-ratio log q(z|x) - log p(z), whose mean is the KL divergence. With the prior N(0, I), it is
 * ½ Σ_latents z² - ε² - log σ² with ε = (z - μ) / σ. Latents [K·B, Z] of a posterior [B, Z] → nats [K, B].
 * @param logPrior log p(z) [K·B] of another prior
 */
export function logPosteriorOverPrior(
  latents: tf.Tensor,
  { mean, logVariance }: NormalPosterior,
  logPrior?: tf.Tensor,
): tf.Tensor {
  return tf.tidy(() => {
    const [batch, size] = mean.shape as [number, number];
    const z = tf.reshape(latents, [-1, batch, size]); // [K, B, Z]
    const noise = tf.mul(tf.sub(z, mean), tf.exp(tf.mul(logVariance, -0.5)));
    // Both omit the constant -½ Z log 2π.
    const posterior = tf.mul(tf.sum(tf.add(tf.square(noise), logVariance), 2), -0.5); // [K, B]
    const prior =
      logPrior === undefined
        ? tf.mul(tf.sum(tf.square(z), 2), -0.5)
        : tf.add(tf.reshape(logPrior, [-1, batch]), 0.5 * size * Math.log(2 * Math.PI)); // [K, B]
    return tf.sub(posterior, prior);
  });
}

/**
 * Log importance weights log p(x, z) - log q(z|x). Their mean is the evidence lower bound. Their log-mean-exp is the
 * bound of Burda, Grosse & Salakhutdinov, "Importance weighted autoencoders" (ICLR 2016), equation 8. Images [B, P] →
 * nats [K, B].
 * @param klWeight weight of log q(z|x) - log p(z); 1 in the bound
 */
export function logImportanceWeights(
  { latents, logits, mean, logVariance, logPrior }: VaeOutput & NormalPosterior,
  images: tf.Tensor,
  klWeight: tf.Tensor | number = 1,
): tf.Tensor {
  return tf.tidy(() => {
    const perSample = tf.reshape(logits, [-1, ...images.shape]); // [K, B, P]
    const prior = logPosteriorOverPrior(latents, { mean, logVariance }, logPrior);
    return tf.neg(tf.add(reconstructionLoss(perSample, images), tf.mul(prior, klWeight)));
  });
}

/** log (1/K Σ_k eˣ) without overflow: [K, B] → [B]. */
export function logMeanExp(values: tf.Tensor): tf.Tensor {
  return tf.tidy(() => tf.sub(logSumExp(values, 0), Math.log(values.shape[0])));
}

/**
 * Center loss ½ ‖μ - c‖², where c is the mean of the batch's latents of the same digit: Wen et al., "A
 * discriminative feature learning approach for deep face recognition" (ECCV 2016), equation 2, with the
 * centers of each batch. [B, Z] and labels [B], int32 from 0 to 9 → [B].
 */
function centerLoss(mean: tf.Tensor, labels: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const digits = tf.oneHot(labels, 10) as tf.Tensor2D; // [B, 10]
    const members = tf.cast(digits, 'float32');
    const counts = tf.maximum(tf.sum(members, 0), 1); // [10]
    const centers = tf.div(tf.matMul(members, mean, true), tf.reshape(counts, [10, 1])); // [10, Z]
    return tf.mul(tf.sum(tf.square(tf.sub(mean, tf.matMul(members, centers))), 1), 0.5);
  });
}

/** Scalars in nats per image. */
export interface VaeLoss extends Readonly<Record<string, tf.Tensor>> {
  /** The training loss; by default reconstruction + kl, the negative evidence lower bound (equation 7). */
  readonly loss: tf.Tensor;
  readonly reconstruction: tf.Tensor;
}

export interface BatchTargets {
  readonly images: tf.Tensor; // [B, P]
  /** Digits [B], int32; required by the center term. */
  readonly labels?: tf.Tensor | undefined;
}

const BOUND: VaeConfig['objective'] = {
  importanceSamples: 1,
  reconstructionWeight: 1,
  klWeight: 1,
  klWarmupSteps: 0,
  centerWeight: 0,
};

/**
 * The loss of a batch and its unweighted terms, each the mean over the images:
 *
 *   loss = reconstructionWeight · reconstruction + klWeight · kl + centerWeight · center
 *
 * With several samples, the importance-weighted bound replaces the first two terms. A plain autoencoder has no kl. The
 * KL divergence from a mixture has no closed form and is estimated from the samples.
 * @param klAnnealing scalar factor of klWeight, from 0 to 1 during the warm-up
 */
export function vaeLoss(
  output: Posterior & Pick<VaeOutput, 'logits'> & Partial<VaeOutput>,
  { images, labels }: BatchTargets,
  objective: VaeConfig['objective'] = BOUND,
  klAnnealing?: tf.Tensor,
): VaeLoss {
  const { importanceSamples, reconstructionWeight, centerWeight } = objective;
  return tf.tidy(() => {
    const { mean, logVariance, logits, latents, logPrior } = output;
    const klWeight = klAnnealing === undefined ? objective.klWeight : tf.mul(klAnnealing, objective.klWeight);
    const perSample = importanceSamples === 1 ? logits : tf.reshape(logits, [-1, ...images.shape]);
    const reconstruction: tf.Tensor = tf.mean(reconstructionLoss(perSample, images));
    const weighted = weigh(reconstruction, reconstructionWeight);
    const terms: Record<string, tf.Tensor> = { reconstruction };
    let loss = weighted;
    if (logVariance !== undefined) {
      const kl: tf.Tensor = tf.mean(
        logPrior === undefined
          ? klDivergence({ mean, logVariance })
          : logPosteriorOverPrior(latents!, { mean, logVariance }, logPrior),
      );
      terms.kl = kl;
      if (importanceSamples === 1) loss = tf.add(weighted, weigh(kl, klWeight));
      else {
        const all = { latents: latents!, logits, mean, logVariance, logPrior };
        const weights = logImportanceWeights(all, images, klWeight);
        loss = tf.neg(tf.mean(logMeanExp(weights)));
      }
    }
    if (centerWeight > 0) {
      terms.center = tf.mean(centerLoss(mean, labels!));
      loss = tf.add(loss, tf.mul(terms.center, centerWeight));
    }
    return { ...terms, loss, reconstruction };
  });
}

/** Returns the term itself if its weight is 1, which keeps the graph of the plain bound small. */
function weigh(term: tf.Tensor, weight: tf.Tensor | number): tf.Tensor {
  return weight === 1 ? term : tf.mul(term, weight);
}
