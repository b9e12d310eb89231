import * as tf from '@tensorflow/tfjs-core';
import type { VaeConfig } from './config.ts';
import type { NormalPosterior, Posterior, VaeOutput } from './model.ts';

/**
 * -log p(x|z) = Σ_pixels log(1 + eˡ) - x l, l being the logits: the binary cross-entropy, in a form that neither
 * overflows nor loses digits (Kingma & Welling, 2014, appendix C.1). Logits and images [B, P] → nats [B].
 */
export function reconstructionLoss(logits: tf.Tensor, images: tf.Tensor): tf.Tensor {
  return tf.tidy(() => tf.sum(tf.sub(tf.softplus(logits), tf.mul(images, logits)), -1));
}

/**
 * KL(q(z|x) ‖ p(z)) = ½ Σ_latents μ² + σ² - log σ² - 1 (Kingma & Welling, 2014, appendix B). [B, Z] → nats [B].
 */
export function klDivergence({ mean, logVariance }: NormalPosterior): tf.Tensor {
  return tf.tidy(() => {
    const terms = tf.sub(tf.add(tf.square(mean), tf.exp(logVariance)), tf.add(logVariance, 1));
    return tf.mul(tf.sum(terms, 1), 0.5);
  });
}

/**
 * log q(z|x) - log p(z), whose mean is the divergence: ½ Σ_latents z² - ε² - log σ², ε = (z - μ) / σ, where the prior is
 * N(0, I). Latents [K·B, Z] of a posterior [B, Z] → nats [K, B].
 * @param logPrior log p(z) of another prior, [K·B]
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
    // Both up to -½ Z log 2π.
    const posterior = tf.mul(tf.sum(tf.add(tf.square(noise), logVariance), 2), -0.5); // [K, B]
    const prior =
      logPrior === undefined
        ? tf.mul(tf.sum(tf.square(z), 2), -0.5)
        : tf.add(tf.reshape(logPrior, [-1, batch]), 0.5 * size * Math.log(2 * Math.PI)); // [K, B]
    return tf.sub(posterior, prior);
  });
}

/**
 * log p(x, z) - log q(z|x), whose mean is the evidence lower bound and whose log-mean-exp is the bound of Burda, Grosse
 * & Salakhutdinov, "Importance weighted autoencoders" (ICLR 2016), equation 8. Images [B, P] → nats [K, B].
 * @param klWeight of log q - log p; 1 in the bound
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

/** log (1/K Σ_k eˣ), which does not overflow: [K, B] → [B]. */
export function logMeanExp(values: tf.Tensor): tf.Tensor {
  return tf.tidy(() => tf.sub(tf.logSumExp(values, 0), Math.log(values.shape[0])));
}

/**
 * ½ ‖μ - c‖², c being the mean of the batch's latents of the same digit: the centre loss of Wen et al., "A
 * discriminative feature learning approach for deep face recognition" (ECCV 2016), equation 2, with each batch's own
 * centres. [B, Z] and labels [B], int32 from 0 to 9 → [B].
 */
function centreLoss(mean: tf.Tensor, labels: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const digits = tf.oneHot(labels, 10) as tf.Tensor2D; // [B, 10]
    const members = tf.cast(digits, 'float32');
    const counts = tf.maximum(tf.sum(members, 0), 1); // [10]
    const centres = tf.div(tf.matMul(members, mean, true), tf.reshape(counts, [10, 1])); // [10, Z]
    return tf.mul(tf.sum(tf.square(tf.sub(mean, tf.matMul(members, centres))), 1), 0.5);
  });
}

/** Scalars, in nats per image. */
export interface VaeLoss extends Readonly<Record<string, tf.Tensor>> {
  /** What is minimised; by default reconstruction + kl: the negative evidence lower bound (equation 7). */
  readonly loss: tf.Tensor;
  readonly reconstruction: tf.Tensor;
}

export interface BatchTargets {
  readonly images: tf.Tensor; // [B, P]
  /** For the centre term: [B], int32, the digits. */
  readonly labels?: tf.Tensor | undefined;
}

const BOUND: VaeConfig['objective'] = {
  importanceSamples: 1,
  reconstructionWeight: 1,
  klWeight: 1,
  klWarmupSteps: 0,
  centreWeight: 0,
};

/**
 * The loss of a batch and its terms before their weights, each the mean over the images:
 *
 *   loss = reconstructionWeight · reconstruction + klWeight · kl + centreWeight · centre
 *
 * with the importance-weighted bound in place of the first two where there are several samples; a plain autoencoder has
 * no kl. That to a mixture has no closed form: it is estimated by the samples.
 * @param klPart part of klWeight that counts, a scalar: rises from 0 to 1 in a warm-up
 */
export function vaeLoss(
  output: Posterior & Pick<VaeOutput, 'logits'> & Partial<VaeOutput>,
  { images, labels }: BatchTargets,
  objective: VaeConfig['objective'] = BOUND,
  klPart?: tf.Tensor,
): VaeLoss {
  const { importanceSamples, reconstructionWeight, centreWeight } = objective;
  return tf.tidy(() => {
    const { mean, logVariance, logits, latents, logPrior } = output;
    const klWeight = klPart === undefined ? objective.klWeight : tf.mul(klPart, objective.klWeight);
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
    if (centreWeight > 0) {
      terms.centre = tf.mean(centreLoss(mean, labels!));
      loss = tf.add(loss, tf.mul(terms.centre, centreWeight));
    }
    return { ...terms, loss, reconstruction };
  });
}

/** The term itself where its weight is 1: the plain bound pays nothing for weights. */
function weigh(term: tf.Tensor, weight: tf.Tensor | number): tf.Tensor {
  return weight === 1 ? term : tf.mul(term, weight);
}
