/**
 * The variational autoencoder of Kingma & Welling, "Auto-encoding variational Bayes" (ICLR 2014).
 *
 *   prior      p(z)   = N(0, I)
 *   decoder    p(x|z) = Bernoulli(σ(f(z)))             one probability per pixel
 *   encoder    q(z|x) = N(μ(x), diag σ²(x))
 *
 * The mixture prior is that of Tomczak & Welling, "VAE with a VampPrior" (AISTATS 2018), section 2.2:
 *
 *   prior      p(z)   = Σ_m w_m N(μ_m, diag σ²_m)      trained jointly; with several factors, the product of their mixtures
 *
 * The autoregressive decoder is that of Gulrajani et al., "PixelVAE" (ICLR 2017), with one masked convolution:
 *
 *   decoder    p(x|z) = Π_i Bernoulli(x_i; σ(h(f_i(z) + g(masked(x)_i))))    only the pixels above and to the left
 *
 * B batch, K samples per image, C channels, Z latents, F factors of M components. An image is a flat row of 28 × 28
 * pixels in [0, 1]: P = 784 numbers, or 2352 where three digits are its channels.
 */
import {
  Conv2d,
  ConvTranspose2d,
  Linear,
  logSumExp,
  Module,
  parameter,
  type RandomStream,
  type RandomTensors,
  Sequential,
} from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import type { VaeConfig } from './config.ts';

export const IMAGE_SIZE = 28;
export const PIXELS = IMAGE_SIZE * IMAGE_SIZE;

type ModelConfig = VaeConfig['model'];

/** q(z|x), a normal distribution with diagonal covariance. */
export interface NormalPosterior {
  readonly mean: tf.Tensor; // [B, Z]
  readonly logVariance: tf.Tensor; // [B, Z]
}

/** The encoder's output. The posterior of a plain autoencoder is a point and has no variance. */
export interface Posterior {
  readonly mean: tf.Tensor; // [B, Z]
  readonly logVariance: tf.Tensor | undefined; // [B, Z]
}

/** Size of the encoder's output: μ(x), followed by log σ²(x) where the posterior is a distribution. */
function codeSize({ latentSize, posterior }: ModelConfig): number {
  return posterior === 'normal' ? 2 * latentSize : latentSize;
}

/** Channels of the decoder's output: logits, or features that the neighbor decoder takes. */
function outputChannels({ neighborChannels, imageChannels }: ModelConfig): number {
  return neighborChannels > 0 ? neighborChannels : imageChannels;
}

/** Multilayer perceptron: [B, P] → [B, codeSize]. */
function denseEncoder(config: ModelConfig, random: RandomStream): Sequential {
  return mlp([PIXELS * config.imageChannels, ...config.hiddenSizes, codeSize(config)], random);
}

/** Multilayer perceptron: [B, Z] → [B, 784 · outputChannels]. */
function denseDecoder(config: ModelConfig, random: RandomStream): Sequential {
  return mlp([config.latentSize, ...config.hiddenSizes.toReversed(), PIXELS * outputChannels(config)], random);
}

function mlp(sizes: readonly number[], random: RandomStream): Sequential {
  const layers = sizes.slice(1).flatMap((size, index) => [new Linear(sizes[index]!, size, { random }), tf.elu]);
  return new Sequential(...layers.slice(0, -1));
}

const HALVING = { kernelSize: 4, stride: 2, padding: 1 } as const;
const SMALLEST_SIDE = IMAGE_SIZE / 4;

/** Strided convolutions: [B, P] → [B, codeSize]. */
function convolutionalEncoder(config: ModelConfig, random: RandomStream): Sequential {
  const { channels, featureSize, imageChannels } = config;
  const [wide = 0, narrow = 0] = channels;
  return new Sequential(
    (images) => tf.reshape(images, [-1, IMAGE_SIZE, IMAGE_SIZE, imageChannels]), // [B, 28, 28, C]
    new Conv2d(imageChannels, wide, { ...HALVING, random }), // [B, 14, 14, C₁]
    tf.elu,
    new Conv2d(wide, narrow, { ...HALVING, random }), // [B, 7, 7, C₂]
    tf.elu,
    (features) => tf.reshape(features, [-1, SMALLEST_SIDE * SMALLEST_SIDE * narrow]),
    new Linear(SMALLEST_SIDE * SMALLEST_SIDE * narrow, featureSize, { random }),
    tf.elu,
    new Linear(featureSize, codeSize(config), { random }),
  );
}

/** Transposed convolutions: [B, Z] → [B, 784 · outputChannels]. */
function convolutionalDecoder(config: ModelConfig, random: RandomStream): Sequential {
  const { channels, featureSize, latentSize } = config;
  const [wide = 0, narrow = 0] = channels;
  return new Sequential(
    new Linear(latentSize, featureSize, { random }),
    tf.elu,
    new Linear(featureSize, SMALLEST_SIDE * SMALLEST_SIDE * narrow, { random }),
    tf.elu,
    (features) => tf.reshape(features, [-1, SMALLEST_SIDE, SMALLEST_SIDE, narrow]), // [B, 7, 7, C₂]
    new ConvTranspose2d(narrow, wide, { ...HALVING, random }), // [B, 14, 14, C₁]
    tf.elu,
    new ConvTranspose2d(wide, outputChannels(config), { ...HALVING, random }), // [B, 28, 28, outputChannels]
    (features) => tf.reshape(features, [-1, PIXELS * outputChannels(config)]),
  );
}

/** The masked convolution sees this many pixels in each direction. */
export const NEIGHBOR_RADIUS = 4;
const WINDOW = 2 * NEIGHBOR_RADIUS + 1;
/** Masked channels for each feature that is added to the decoder's. All samples of an image share them. */
const MASKED_PER_FEATURE = 4;

/** Mask A of van den Oord et al. (2016): 1 before the center in reading order, 0 from the center on. [9, 9, 1, 1] */
function causalMask(): tf.Tensor {
  const center = (WINDOW * WINDOW - 1) / 2;
  const values = Float32Array.from({ length: WINDOW * WINDOW }, (_, index) => (index < center ? 1 : 0));
  return tf.tensor(values, [WINDOW, WINDOW, 1, 1]);
}

/** Convolution over the pixels above and those to the left in the same row. */
class MaskedConv2d extends Conv2d {
  protected override filter(): tf.Tensor {
    return tf.mul(this.weight, causalMask());
  }
}

/** Pixel logits from the decoder's features and the pixels already drawn (Gulrajani et al., 2017, figure 2). */
export class NeighborDecoder extends Module {
  readonly seeing: Sequential;
  readonly mixing: Sequential;
  readonly channels: number;

  constructor(channels: number, random: RandomStream) {
    super();
    this.channels = channels;
    this.seeing = new Sequential(
      new MaskedConv2d(1, MASKED_PER_FEATURE * channels, { kernelSize: WINDOW, random: random.fork('masked') }),
      tf.elu,
      new Conv2d(MASKED_PER_FEATURE * channels, channels, { kernelSize: 1, random: random.fork('narrowing') }),
    );
    this.mixing = new Sequential(
      tf.elu,
      new Conv2d(channels, channels, { kernelSize: 1, random: random.fork('mixing') }),
      tf.elu,
      new Conv2d(channels, 1, { kernelSize: 1, random: random.fork('logits') }),
    );
  }

  /** Features [K·B, 784 · C] and the target images [B, 784] → logits [K·B, 784], all pixels at once. */
  forward(features: tf.Tensor, images: tf.Tensor): tf.Tensor {
    return tf.tidy(() => {
      const [samples, side] = [features.shape[0] / images.shape[0], IMAGE_SIZE];
      const around: [number, number] = [NEIGHBOR_RADIUS, NEIGHBOR_RADIUS];
      const padded = tf.pad(tf.reshape(images, [-1, side, side, 1]), [[0, 0], around, around, [0, 0]]);
      const seen = tf.reshape(this.seeing.forward(padded), [1, -1, PIXELS * this.channels]); // [1, B, 784 C]
      const joined = tf.add(tf.reshape(features, [samples, -1, PIXELS * this.channels]), seen);
      return tf.reshape(this.mixing.forward(tf.reshape(joined, [-1, side, side, this.channels])), [-1, PIXELS]);
    });
  }

  /** Features of one pixel [B, C] and the window centered on it [B, 9, 9] → its logits [B]. */
  pixel(features: tf.Tensor, window: tf.Tensor): tf.Tensor {
    return tf.tidy(() => {
      const seen = this.seeing.forward(tf.reshape(window, [-1, WINDOW, WINDOW, 1])); // [B, 1, 1, C]
      return tf.reshape(this.mixing.forward(tf.add(tf.reshape(features, seen.shape), seen)), [-1]);
    });
  }
}

/**
 * A learned mixture of normals. Posteriors lie close to it, unlike N(0, I), so its samples are sharper. With F factors,
 * each of F equal parts of the latents has a mixture of its own; their product has M^F components.
 */
export class MixturePrior extends Module {
  /** All components of the first factor come first, here and below. */
  readonly means: tf.Variable; // [F·M, Z/F]
  readonly logVariances: tf.Variable; // [F·M, Z/F]
  /** Logits of the component weights. */
  readonly logits: tf.Variable; // [F·M]
  readonly components: number;
  readonly factors: number;

  constructor(components: number, factors: number, latentSize: number, random: RandomStream) {
    super();
    const shape: [number, number] = [factors * components, latentSize / factors];
    // A latent is some 2 nats nearer to one component than to another, however many latents there are. Farther apart, one
    // component would take most of the images; closer together, they would separate slowly.
    const spread = 2 / Math.sqrt(shape[1]);
    this.means = parameter(tf.tensor(random.normalValues(components * latentSize, 0, spread), shape));
    this.logVariances = parameter(tf.zeros(shape));
    this.logits = parameter(tf.zeros([factors * components]));
    this.components = components;
    this.factors = factors;
  }

  /** log p(z): [N, Z] → nats [N]. */
  logDensity(latents: tf.Tensor): tf.Tensor {
    return tf.tidy(() => {
      const [factors, components, size] = [this.factors, this.components, this.means.shape[1]!];
      const perFactor = (values: tf.Tensor) => tf.reshape(values, [factors, components, -1]);
      // No matrix products of z² and 1/σ²: their differences would be lost in bfloat16.
      const distances = tf.sub(tf.reshape(latents, [-1, factors, 1, size]), perFactor(this.means)); // [N, F, M, Z/F]
      const precisions = perFactor(tf.exp(tf.neg(this.logVariances))); // [F, M, Z/F]
      const squares = tf.sum(tf.mul(tf.square(distances), precisions), 3); // [N, F, M]
      const volumes = tf.add(tf.sum(perFactor(this.logVariances), 2), size * Math.log(2 * Math.PI)); // [F, M]
      const densities = tf.mul(tf.add(squares, volumes), -0.5); // [N, F, M]
      const logWeights = tf.logSoftmax(tf.reshape(this.logits, [factors, components]));
      return tf.sum(logSumExp(tf.add(densities, logWeights), 2), 1); // [N]
    });
  }
}

export class Vae extends Module {
  readonly encoder: Sequential;
  readonly decoder: Sequential;
  /** Undefined if the prior is N(0, I). */
  readonly prior: MixturePrior | undefined;
  /** Undefined if pixels are independent given the latents. */
  readonly neighbors: NeighborDecoder | undefined;
  readonly latentSize: number;
  readonly imageChannels: number;
  readonly posterior: 'normal' | 'point';

  /** @param random draws the initial weights */
  constructor(config: ModelConfig, random: RandomStream) {
    super();
    const isDense = config.kind === 'dense';
    this.encoder = (isDense ? denseEncoder : convolutionalEncoder)(config, random.fork('encoder'));
    this.decoder = (isDense ? denseDecoder : convolutionalDecoder)(config, random.fork('decoder'));
    this.prior =
      config.priorComponents > 0
        ? new MixturePrior(config.priorComponents, config.priorFactors, config.latentSize, random.fork('prior'))
        : undefined;
    this.neighbors =
      config.neighborChannels > 0 ? new NeighborDecoder(config.neighborChannels, random.fork('neighbours')) : undefined;
    this.latentSize = config.latentSize;
    this.imageChannels = config.imageChannels;
    this.posterior = config.posterior;
  }

  /** `neighbors` has its British name in checkpoints and in the twin in PyTorch. */
  protected override *children(): Generator<readonly [string, Module]> {
    for (const [name, child] of super.children()) yield [name === 'neighbors' ? 'neighbours' : name, child];
  }

  /** [B, P] → q(z|x). */
  encode(images: tf.Tensor): Posterior {
    return tf.tidy(() => {
      const code = this.encoder.forward(images);
      if (this.posterior === 'point') return { mean: code, logVariance: undefined };
      const [mean, logVariance] = tf.split(code, 2, 1);
      return { mean: mean!, logVariance: logVariance! };
    });
  }

  /**
   * Reparameterized samples z = μ + σ ε with ε ~ N(0, I) (equation 10), `samples` for each image: [K·B, Z], the first
   * samples of all images first. For a plain autoencoder, z = μ.
   */
  sample({ mean, logVariance }: Posterior, random: RandomTensors, samples = 1): tf.Tensor {
    return tf.tidy(() => {
      const [batch, latents] = mean.shape as [number, number];
      if (logVariance === undefined) return tf.tile(mean, [samples, 1]);
      const deviation = tf.exp(tf.mul(logVariance, 0.5));
      if (samples === 1) return tf.add(mean, tf.mul(deviation, random.normal([batch, latents])));
      const noise = tf.reshape(random.normal([samples * batch, latents]), [samples, batch, latents]);
      return tf.reshape(tf.add(mean, tf.mul(deviation, noise)), [samples * batch, latents]);
    });
  }

  /**
   * Latents [K·B, Z] → logits of the pixels, [K·B, P].
   * @param images target images [B, P]; required by the neighbor decoder, otherwise unused
   * @throws Error if the neighbor decoder gets no images
   */
  decode(latents: tf.Tensor, images?: tf.Tensor): tf.Tensor {
    return tf.tidy(() => {
      const output = this.decoder.forward(latents);
      if (this.neighbors === undefined) return output;
      if (images === undefined) throw new Error('Vae.decode: expected images for the neighbor decoder, got none');
      return this.neighbors.forward(output, images);
    });
  }

  /** Encodes, draws `samples` latents per image and decodes: [B, P] → posterior, latents [K·B, Z], logits [K·B, P]. */
  forward(images: tf.Tensor, random: RandomTensors, samples = 1): VaeOutput {
    return tf.tidy(() => {
      const posterior = this.encode(images);
      const latents = this.sample(posterior, random, samples);
      return { ...posterior, latents, logPrior: this.prior?.logDensity(latents), logits: this.decode(latents, images) };
    });
  }
}

export interface VaeOutput extends Posterior {
  readonly latents: tf.Tensor; // [K·B, Z]
  /** log p(z); undefined if the prior is N(0, I). */
  readonly logPrior?: tf.Tensor | undefined; // [K·B]
  readonly logits: tf.Tensor; // [K·B, P]
}
