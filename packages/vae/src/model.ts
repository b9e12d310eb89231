/**
 * The variational autoencoder of Kingma & Welling, "Auto-encoding variational Bayes" (ICLR 2014).
 *
 *   prior      p(z)   = N(0, I)
 *   decoder    p(x|z) = Bernoulli(σ(f(z)))             one probability per pixel
 *   encoder    q(z|x) = N(μ(x), diag σ²(x))
 *
 * With a mixture, the prior is that of Tomczak & Welling, "VAE with a VampPrior" (AISTATS 2018), section 2.2:
 *
 *   prior      p(z)   = Σ_m w_m N(μ_m, diag σ²_m)      learned with the rest; of several factors, their product
 *
 * With neighbours, the decoder is that of Gulrajani et al., "PixelVAE" (ICLR 2017), of one masked convolution:
 *
 *   decoder    p(x|z) = Π_i Bernoulli(x_i; σ(h(f_i(z) + g(masked(x)_i))))    masked: pixels above and to the left alone
 *
 * B batch, K samples per image, C channels, Z latents, F factors of M components; an image is 28 × 28 pixels in [0, 1], flat: P = 784
 * numbers, or with three digits as its channels 2352.
 */
import {
  Conv2d,
  ConvTranspose2d,
  Linear,
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

/** q(z|x), diagonal and normal. */
export interface NormalPosterior {
  readonly mean: tf.Tensor; // [B, Z]
  readonly logVariance: tf.Tensor; // [B, Z]
}

/** What the encoder says of an image's latents: a plain autoencoder has no variance. */
export interface Posterior {
  readonly mean: tf.Tensor; // [B, Z]
  readonly logVariance: tf.Tensor | undefined; // [B, Z]
}

/** Numbers in the encoder's output: μ(x), and log σ²(x) beside it where the posterior is a distribution. */
function codeSize({ latentSize, posterior }: ModelConfig): number {
  return posterior === 'normal' ? 2 * latentSize : latentSize;
}

/** Numbers per pixel in the decoder's output: logits, or features to join with those of the neighbours. */
function depth({ neighbourChannels, imageChannels }: ModelConfig): number {
  return neighbourChannels > 0 ? neighbourChannels : imageChannels;
}

/** From perceptrons: [B, P] → [B, codeSize]. */
function denseEncoder(config: ModelConfig, random: RandomStream): Sequential {
  return perceptron([PIXELS * config.imageChannels, ...config.hiddenSizes, codeSize(config)], random);
}

/** From perceptrons: [B, Z] → [B, 784 · depth]. */
function denseDecoder(config: ModelConfig, random: RandomStream): Sequential {
  return perceptron([config.latentSize, ...config.hiddenSizes.toReversed(), PIXELS * depth(config)], random);
}

function perceptron(sizes: readonly number[], random: RandomStream): Sequential {
  const layers = sizes.slice(1).flatMap((size, index) => [new Linear(sizes[index]!, size, { random }), tf.elu]);
  return new Sequential(...layers.slice(0, -1));
}

const HALVING = { kernelSize: 4, stride: 2, padding: 1 } as const;
const SMALLEST = IMAGE_SIZE / 4;

/** From convolutions: [B, P] → [B, codeSize]. */
function convolutionalEncoder(config: ModelConfig, random: RandomStream): Sequential {
  const { channels, featureSize, imageChannels } = config;
  const [wide = 0, narrow = 0] = channels;
  return new Sequential(
    (images) => tf.reshape(images, [-1, IMAGE_SIZE, IMAGE_SIZE, imageChannels]), // [B, 28, 28, C]
    new Conv2d(imageChannels, wide, { ...HALVING, random }), // [B, 14, 14, C₁]
    tf.elu,
    new Conv2d(wide, narrow, { ...HALVING, random }), // [B, 7, 7, C₂]
    tf.elu,
    (features) => tf.reshape(features, [-1, SMALLEST * SMALLEST * narrow]),
    new Linear(SMALLEST * SMALLEST * narrow, featureSize, { random }),
    tf.elu,
    new Linear(featureSize, codeSize(config), { random }),
  );
}

/** From transposed convolutions: [B, Z] → [B, 784 · depth]. */
function convolutionalDecoder(config: ModelConfig, random: RandomStream): Sequential {
  const { channels, featureSize, latentSize } = config;
  const [wide = 0, narrow = 0] = channels;
  return new Sequential(
    new Linear(latentSize, featureSize, { random }),
    tf.elu,
    new Linear(featureSize, SMALLEST * SMALLEST * narrow, { random }),
    tf.elu,
    (features) => tf.reshape(features, [-1, SMALLEST, SMALLEST, narrow]), // [B, 7, 7, C₂]
    new ConvTranspose2d(narrow, wide, { ...HALVING, random }), // [B, 14, 14, C₁]
    tf.elu,
    new ConvTranspose2d(wide, depth(config), { ...HALVING, random }), // [B, 28, 28, depth]
    (features) => tf.reshape(features, [-1, PIXELS * depth(config)]),
  );
}

/** Half the side of what a pixel sees. */
export const NEIGHBOUR_REACH = 4;
const WINDOW = 2 * NEIGHBOUR_REACH + 1;
/** Channels that see the neighbours, for each one that joins the latents' features: they are once for all samples. */
const WIDENING = 4;

/** Weights on what comes before a pixel, row by row: mask A of van den Oord et al. (2016). [kernel, kernel, 1, 1] */
function beforeCentre(): tf.Tensor {
  const centre = (WINDOW * WINDOW - 1) / 2;
  const values = Float32Array.from({ length: WINDOW * WINDOW }, (_, index) => (index < centre ? 1 : 0));
  return tf.tensor(values, [WINDOW, WINDOW, 1, 1]);
}

/** Convolution that sees the pixels above, and those to the left in the same row. */
class MaskedConv2d extends Conv2d {
  protected override filter(): tf.Tensor {
    return tf.mul(this.weight, beforeCentre());
  }
}

/** Logits of pixels from the latents' features and their neighbours (Gulrajani et al., 2017, figure 2). */
export class NeighbourDecoder extends Module {
  readonly seeing: Sequential;
  readonly mixing: Sequential;
  readonly channels: number;

  constructor(channels: number, random: RandomStream) {
    super();
    this.channels = channels;
    this.seeing = new Sequential(
      new MaskedConv2d(1, WIDENING * channels, { kernelSize: WINDOW, random: random.fork('masked') }),
      tf.elu,
      new Conv2d(WIDENING * channels, channels, { kernelSize: 1, random: random.fork('narrowing') }),
    );
    this.mixing = new Sequential(
      tf.elu,
      new Conv2d(channels, channels, { kernelSize: 1, random: random.fork('mixing') }),
      tf.elu,
      new Conv2d(channels, 1, { kernelSize: 1, random: random.fork('logits') }),
    );
  }

  /** Features [K·B, 784 · C] and the whole images [B, 784] that they are to give → logits [K·B, 784]. */
  forward(features: tf.Tensor, images: tf.Tensor): tf.Tensor {
    return tf.tidy(() => {
      const [samples, side] = [features.shape[0] / images.shape[0], IMAGE_SIZE];
      const around: [number, number] = [NEIGHBOUR_REACH, NEIGHBOUR_REACH];
      const padded = tf.pad(tf.reshape(images, [-1, side, side, 1]), [[0, 0], around, around, [0, 0]]);
      const seen = tf.reshape(this.seeing.forward(padded), [1, -1, PIXELS * this.channels]); // [1, B, 784 C]
      const joined = tf.add(tf.reshape(features, [samples, -1, PIXELS * this.channels]), seen);
      return tf.reshape(this.mixing.forward(tf.reshape(joined, [-1, side, side, this.channels])), [-1, PIXELS]);
    });
  }

  /** Features of one pixel [B, C] and what is around it, [B, 9, 9] with itself in the middle → its logits [B]. */
  pixel(features: tf.Tensor, window: tf.Tensor): tf.Tensor {
    return tf.tidy(() => {
      const seen = this.seeing.forward(tf.reshape(window, [-1, WINDOW, WINDOW, 1])); // [B, 1, 1, C]
      return tf.reshape(this.mixing.forward(tf.add(tf.reshape(features, seen.shape), seen)), [-1]);
    });
  }
}

/**
 * Normals that the posteriors of all images are near to, as they are not to N(0, I): what is drawn from it is clearer.
 * With F factors, the latents are F parts of Z/F, each with a mixture of its own: together they have M^F components.
 */
export class MixturePrior extends Module {
  /** Factor by factor, as what follows. */
  readonly means: tf.Variable; // [F·M, Z/F]
  readonly logVariances: tf.Variable; // [F·M, Z/F]
  /** Of the weights. */
  readonly logits: tf.Variable; // [F·M]
  readonly components: number;
  readonly factors: number;

  constructor(components: number, factors: number, latentSize: number, random: RandomStream) {
    super();
    const shape: [number, number] = [factors * components, latentSize / factors];
    // A latent is some 2 nats nearer to one component than to another, however many latents there are: farther apart, and
    // one component would take most of the images; nearer together, and they would take long to part.
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
      return tf.sum(tf.logSumExp(tf.add(densities, logWeights), 2), 1); // [N]
    });
  }
}

export class Vae extends Module {
  readonly encoder: Sequential;
  readonly decoder: Sequential;
  /** Undefined where the prior is N(0, I). */
  readonly prior: MixturePrior | undefined;
  /** Undefined where pixels are independent given the latents. */
  readonly neighbours: NeighbourDecoder | undefined;
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
    this.neighbours =
      config.neighbourChannels > 0
        ? new NeighbourDecoder(config.neighbourChannels, random.fork('neighbours'))
        : undefined;
    this.latentSize = config.latentSize;
    this.imageChannels = config.imageChannels;
    this.posterior = config.posterior;
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
   * z = μ + σ ε with ε ~ N(0, I), so that gradients reach μ and σ (equation 10), `samples` times for each image: [K·B, Z],
   * all images' first samples first. Of a plain autoencoder, μ.
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
   * @param images [B, P], what the pixels' neighbours are; read with `neighbours` only
   */
  decode(latents: tf.Tensor, images?: tf.Tensor): tf.Tensor {
    return tf.tidy(() => {
      const output = this.decoder.forward(latents);
      if (this.neighbours === undefined) return output;
      if (images === undefined)
        throw new Error('Vae.decode: expected the images that neighbours are seen in, got none');
      return this.neighbours.forward(output, images);
    });
  }

  /** `samples` of the posterior of each image, decoded: [B, P] → posterior, latents [K·B, Z] and logits [K·B, P]. */
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
  /** log p(z); undefined where the prior is N(0, I). */
  readonly logPrior?: tf.Tensor | undefined; // [K·B]
  readonly logits: tf.Tensor; // [K·B, P]
}
