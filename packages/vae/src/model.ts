/**
 * The variational autoencoder of Kingma & Welling, "Auto-encoding variational Bayes" (ICLR 2014).
 *
 *   prior      p(z)   = N(0, I)
 *   decoder    p(x|z) = Bernoulli(σ(f(z)))             one probability per pixel
 *   encoder    q(z|x) = N(μ(x), diag σ²(x))
 *
 * B batch, H height, W width, C channels, Z latents; an image is 28 × 28 pixels in [0, 1], flat: [B, 784].
 */
import {
  Conv2d,
  ConvTranspose2d,
  Linear,
  Module,
  Sequential,
  type RandomStream,
  type RandomTensors,
} from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import type { VaeConfig } from './config.ts';

export const IMAGE_SIZE = 28;
export const PIXELS = IMAGE_SIZE * IMAGE_SIZE;

type ModelConfig = VaeConfig['model'];

/** q(z|x), diagonal and normal. */
export interface Posterior {
  readonly mean: tf.Tensor; // [B, Z]
  readonly logVariance: tf.Tensor; // [B, Z]
}

/** μ(x) and log σ²(x) side by side, from perceptrons: [B, 784] → [B, 2 Z]. */
function denseEncoder({ hiddenSizes, latentSize }: ModelConfig, random: RandomStream): Sequential {
  return perceptron([PIXELS, ...hiddenSizes, 2 * latentSize], random);
}

/** Logits of the pixels, from perceptrons: [B, Z] → [B, 784]. */
function denseDecoder({ hiddenSizes, latentSize }: ModelConfig, random: RandomStream): Sequential {
  return perceptron([latentSize, ...hiddenSizes.toReversed(), PIXELS], random);
}

function perceptron(sizes: readonly number[], random: RandomStream): Sequential {
  const layers = sizes.slice(1).flatMap((size, index) => [new Linear(sizes[index]!, size, { random }), tf.elu]);
  return new Sequential(...layers.slice(0, -1));
}

const HALVING = { kernelSize: 4, stride: 2, padding: 1 } as const;
const SMALLEST = IMAGE_SIZE / 4;

/** μ(x) and log σ²(x) side by side, from convolutions: [B, 784] → [B, 2 Z]. */
function convolutionalEncoder({ channels, featureSize, latentSize }: ModelConfig, random: RandomStream): Sequential {
  const [wide = 0, narrow = 0] = channels;
  return new Sequential(
    (images) => tf.reshape(images, [-1, IMAGE_SIZE, IMAGE_SIZE, 1]), // [B, 28, 28, 1]
    new Conv2d(1, wide, { ...HALVING, random }), // [B, 14, 14, C₁]
    tf.elu,
    new Conv2d(wide, narrow, { ...HALVING, random }), // [B, 7, 7, C₂]
    tf.elu,
    (features) => tf.reshape(features, [-1, SMALLEST * SMALLEST * narrow]),
    new Linear(SMALLEST * SMALLEST * narrow, featureSize, { random }),
    tf.elu,
    new Linear(featureSize, 2 * latentSize, { random }),
  );
}

/** Logits of the pixels, from transposed convolutions: [B, Z] → [B, 784]. */
function convolutionalDecoder({ channels, featureSize, latentSize }: ModelConfig, random: RandomStream): Sequential {
  const [wide = 0, narrow = 0] = channels;
  return new Sequential(
    new Linear(latentSize, featureSize, { random }),
    tf.elu,
    new Linear(featureSize, SMALLEST * SMALLEST * narrow, { random }),
    tf.elu,
    (features) => tf.reshape(features, [-1, SMALLEST, SMALLEST, narrow]), // [B, 7, 7, C₂]
    new ConvTranspose2d(narrow, wide, { ...HALVING, random }), // [B, 14, 14, C₁]
    tf.elu,
    new ConvTranspose2d(wide, 1, { ...HALVING, random }), // [B, 28, 28, 1]
    (logits) => tf.reshape(logits, [-1, PIXELS]),
  );
}

export class Vae extends Module {
  readonly encoder: Sequential;
  readonly decoder: Sequential;
  readonly latentSize: number;

  /** @param random draws the initial weights */
  constructor(config: ModelConfig, random: RandomStream) {
    super();
    const isDense = config.kind === 'dense';
    this.encoder = (isDense ? denseEncoder : convolutionalEncoder)(config, random.fork('encoder'));
    this.decoder = (isDense ? denseDecoder : convolutionalDecoder)(config, random.fork('decoder'));
    this.latentSize = config.latentSize;
  }

  /** [B, 784] → q(z|x). */
  encode(images: tf.Tensor): Posterior {
    return tf.tidy(() => {
      const [mean, logVariance] = tf.split(this.encoder.forward(images), 2, 1);
      return { mean: mean!, logVariance: logVariance! };
    });
  }

  /** z = μ + σ ε with ε ~ N(0, I), so that gradients reach μ and σ (equation 10): [B, Z]. */
  sample({ mean, logVariance }: Posterior, random: RandomTensors): tf.Tensor {
    return tf.tidy(() => {
      const noise = random.normal(mean.shape);
      return tf.add(mean, tf.mul(tf.exp(tf.mul(logVariance, 0.5)), noise));
    });
  }

  /** [B, Z] → logits of the pixels, [B, 784]. */
  decode(latents: tf.Tensor): tf.Tensor {
    return this.decoder.forward(latents);
  }

  /** One posterior sample per image, decoded: [B, 784] → logits [B, 784] and the posterior. */
  forward(images: tf.Tensor, random: RandomTensors): Posterior & { readonly logits: tf.Tensor } {
    return tf.tidy(() => {
      const posterior = this.encode(images);
      return { ...posterior, logits: this.decode(this.sample(posterior, random)) };
    });
  }
}
