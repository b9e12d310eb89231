import { Adam, Module, type RandomStream } from '@motley/core';
import { PIXELS, Vae, vaeLoss } from '@motley/vae';
import * as tf from '@tensorflow/tfjs-core';
import type { Batch, TrainingStep } from '../step.ts';

const batchSize = 128;
const latentSize = 20;

/** The VAE of packages/vae, its noise a part of the batch so that every peer computes the same loss. */
class NoisyVae extends Module {
  readonly vae: Vae;

  constructor(kind: 'dense' | 'convolutional', random: RandomStream) {
    super();
    this.vae = new Vae({ kind, latentSize, hiddenSizes: [512], channels: [32, 64], featureSize: 256 }, random);
  }

  /** `images` [B, 784] in [0, 1], `noise` [B, Z] → nats per image. */
  loss({ images, noise }: Batch): tf.Tensor {
    const posterior = this.vae.encode(images!);
    const latents = tf.add(posterior.mean, tf.mul(tf.exp(tf.mul(posterior.logVariance, 0.5)), noise!));
    return vaeLoss({ ...posterior, logits: this.vae.decode(latents) }, images!).loss;
  }
}

const vaeStep = (name: string, kind: 'dense' | 'convolutional', architecture: string): TrainingStep => ({
  name,
  title: `${architecture}, batch ${batchSize}, Adam`,
  batchSize,
  learningRate: 1e-3,
  createModel: (random) => new NoisyVae(kind, random),
  createOptimizer: (parameters) => new Adam(parameters),
  createBatch: (random) => ({
    images: tf.tensor(random.uniformValues(batchSize * PIXELS), [batchSize, PIXELS]),
    noise: tf.tensor(random.normalValues(batchSize * latentSize), [batchSize, latentSize]),
  }),
});

export const denseVae = vaeStep('VAE', 'dense', 'dense VAE 784-512-20');
export const convolutionalVae = vaeStep('VAE-convolutional', 'convolutional', 'convolutional VAE 28×28, 32-64-256-20');
