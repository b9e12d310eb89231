import { Adam, Module, type RandomStream } from '@motley/core';
import { config, PIXELS, Vae, vaeLoss, type VaeConfig } from '@motley/vae';
import * as tf from '@tensorflow/tfjs-core';
import type { Batch, TrainingStep } from '../step.ts';

const BATCH_SIZE = 128;
const LATENT_SIZE = 20;

/** The VAE of packages/vae, with its noise as part of the batch, so that all peers compute the same loss. */
class NoisyVae extends Module {
  readonly vae: Vae;
  readonly #objective: VaeConfig['objective'];

  constructor(settings: VaeConfig, random: RandomStream) {
    super();
    this.vae = new Vae(settings.model, random);
    this.#objective = settings.objective;
  }

  /** `images` [B, 784] in [0, 1], `noise` [B, K · Z] → nats per image. */
  loss({ images, noise }: Batch): tf.Tensor {
    const { importanceSamples } = this.#objective;
    const given = tf.transpose(tf.reshape(noise!, [-1, importanceSamples, LATENT_SIZE]), [1, 0, 2]); // [K, B, Z]
    const random = {
      normal: (shape: readonly number[]) => tf.reshape(given, [...shape]),
      uniform: (shape: readonly number[]) => tf.zeros([...shape]),
    };
    const output = this.vae.forward(images!, random, importanceSamples);
    return vaeLoss(output, { images: images! }, this.#objective).loss;
  }
}

interface VaeStep {
  readonly name: string;
  readonly title: string;
  /** Over the configuration of packages/vae. */
  readonly set: readonly string[];
}

function vaeStep({ name, title, set }: VaeStep): TrainingStep {
  const settings = config.resolve({ set: [`model.latentSize=${LATENT_SIZE}`, 'model.hiddenSizes=512', ...set] });
  const noiseSize = LATENT_SIZE * settings.objective.importanceSamples;
  return {
    name,
    title: `${title}, batch ${BATCH_SIZE}, Adam`,
    batchSize: BATCH_SIZE,
    learningRate: 1e-3,
    createModel: (random) => new NoisyVae(settings, random),
    createOptimizer: (parameters) => new Adam(parameters),
    createBatch: (random) => ({
      images: tf.tensor(random.uniformValues(BATCH_SIZE * PIXELS), [BATCH_SIZE, PIXELS]),
      noise: tf.tensor(random.normalValues(BATCH_SIZE * noiseSize), [BATCH_SIZE, noiseSize]),
    }),
  };
}

export const denseVae = vaeStep({ name: 'VAE', title: 'dense VAE 784-512-20', set: [] });
export const convolutionalVae = vaeStep({
  name: 'VAE-convolutional',
  title: 'convolutional VAE 28×28, 32-64-256-20',
  set: ['model.kind=convolutional'],
});
export const importanceWeightedVae = vaeStep({
  name: 'IWAE',
  title: 'importance-weighted dense VAE 784-512-20, 5 samples',
  set: ['objective.importanceSamples=5'],
});
export const mixtureVae = vaeStep({
  name: 'VAE-mixture',
  title: 'convolutional VAE 28×28, 32-64-256-20, its prior a mixture of 100 normals',
  set: ['model.kind=convolutional', 'model.priorComponents=100'],
});
export const neighborVae = vaeStep({
  name: 'VAE-neighbors',
  title: 'convolutional VAE 28×28, 32-64-256-20, pixels that see their neighbors (9×9, 64 channels to 16)',
  set: ['model.kind=convolutional', 'model.neighborChannels=16'],
});
