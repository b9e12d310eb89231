import { constantSchedule } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import { ArrayBatches, type ArrayField } from '../../data/batches.ts';
import { accuracy } from '../../metrics/accuracy.ts';
import { Conv2d } from '../../nn/convolution.ts';
import { Linear } from '../../nn/linear.ts';
import { softmaxCrossEntropy } from '../../nn/losses.ts';
import { Module } from '../../nn/module.ts';
import { Lstm } from '../../nn/recurrent/stack.ts';
import { loadMnist } from '../../node/data/mnist.ts';
import { Adam } from '../../optim/adam.ts';
import { RandomStream, type RandomTensors } from '../../random/random-stream.ts';
import { fit } from '../../train/fit.ts';
import { DenseVae } from './dense-vae.ts';

type Terms = Readonly<Record<string, tf.Tensor>> & { readonly loss: tf.Tensor };

/** Examples [N, …] side by side. */
interface Examples {
  readonly inputs: ArrayField;
  readonly labels: ArrayField;
}

/** Network with its data, small enough to train in seconds. */
interface System {
  readonly steps: number;
  readonly learningRate: number;
  readonly create: (random: RandomStream) => Learner;
  readonly load: (split: 'train' | 'test') => Promise<Examples>;
}

abstract class Learner extends Module {
  /** Means over a batch: `loss`, and `accuracy` for classifiers. */
  abstract terms(inputs: tf.Tensor, labels: tf.Tensor, random: RandomTensors): Terms;
}

/** Variational autoencoder with fully connected layers and 4 latents. */
class SmallVae extends Learner {
  readonly vae: DenseVae;

  constructor(random: RandomStream) {
    super();
    this.vae = new DenseVae([784, 32], 4, random);
  }

  /** images [B, 784] */
  terms(images: tf.Tensor, _: tf.Tensor, random: RandomTensors): Terms {
    return this.vae.terms(images, random);
  }
}

/** Two strided convolutions and a linear layer. */
class SmallCnn extends Learner {
  readonly first: Conv2d;
  readonly second: Conv2d;
  readonly output: Linear;

  constructor(random: RandomStream) {
    super();
    this.first = new Conv2d(1, 4, { kernelSize: 3, stride: 2, padding: 1, random });
    this.second = new Conv2d(4, 8, { kernelSize: 3, stride: 2, padding: 1, random });
    this.output = new Linear(4 * 4 * 8, 10, { random });
  }

  /** images [B, 784], labels int32 [B] */
  terms(images: tf.Tensor, labels: tf.Tensor): Terms {
    const pictures: tf.Tensor4D = tf.reshape(images, [-1, 28, 28, 1]);
    const small = tf.avgPool(pictures, 2, 2, 'valid'); // [B, 14, 14, 1]
    const first = tf.relu(this.first.forward(small)); // [B, 7, 7, 4]
    const second = tf.relu(this.second.forward(first)); // [B, 4, 4, 8]
    return classified(this.output.forward(tf.reshape(second, [-1, 4 * 4 * 8])), labels);
  }
}

const WAVE_STEPS = 10;
const WAVES = 4;

/** Linear layer on the last state of an LSTM. */
class SmallLstm extends Learner {
  readonly lstm: Lstm;
  readonly output: Linear;

  constructor(random: RandomStream) {
    super();
    this.lstm = new Lstm(1, 12, { random });
    this.output = new Linear(12, WAVES, { random });
  }

  /** waves [B, T, 1], labels int32 [B] */
  terms(waves: tf.Tensor, labels: tf.Tensor): Terms {
    const { hidden } = this.lstm.forward(waves); // [1, B, 12]
    return classified(this.output.forward(tf.squeeze(hidden, [0])), labels);
  }
}

function classified(logits: tf.Tensor, labels: tf.Tensor): Terms {
  return { loss: softmaxCrossEntropy(logits, labels), accuracy: accuracy(logits, labels) };
}

async function loadDigits(split: 'train' | 'test'): Promise<Examples> {
  const { images, labels } = await loadMnist(split);
  const count = split === 'train' ? 4096 : 512;
  return {
    inputs: { values: images.subarray(0, count * 784), shape: [784], divisor: 255 },
    labels: { values: Int32Array.from(labels.subarray(0, count)), shape: [] },
  };
}

/** Noisy sine waves of four frequencies with random phases. */
function drawWaves(split: 'train' | 'test'): Promise<Examples> {
  const count = split === 'train' ? 4096 : 512;
  const random = RandomStream.fromSeed(split === 'train' ? 1 : 2);
  const labels = random.integers(count, 0, WAVES);
  const phases = random.uniformValues(count, 0, 2 * Math.PI);
  const values = random.normalValues(count * WAVE_STEPS, 0, 0.3).map((noise, index) => {
    const [wave, time] = [Math.floor(index / WAVE_STEPS), index % WAVE_STEPS];
    return noise + Math.sin(phases[wave]! + 0.5 * (labels[wave]! + 1) * time);
  });
  return Promise.resolve({
    inputs: { values, shape: [WAVE_STEPS, 1] },
    labels: { values: labels, shape: [] },
  });
}

const BATCH_SIZE = 16;

export const SYSTEMS = {
  'VAE on MNIST': { steps: 100, learningRate: 1e-2, create: (random) => new SmallVae(random), load: loadDigits },
  'CNN on MNIST': { steps: 100, learningRate: 1e-2, create: (random) => new SmallCnn(random), load: loadDigits },
  'LSTM on waves': { steps: 150, learningRate: 2e-2, create: (random) => new SmallLstm(random), load: drawWaves },
} as const satisfies Readonly<Record<string, System>>;

export type SystemName = keyof typeof SYSTEMS;

export interface TrainingOutcome {
  readonly loss: number;
  readonly accuracy?: number;
}

/** Trains a system on the current backend, and measures it on held-out data. */
export async function trainSystem(
  name: SystemName,
  { seed, steps = SYSTEMS[name].steps }: { readonly seed: number; readonly steps?: number },
): Promise<TrainingOutcome> {
  const { create, load, learningRate }: System = SYSTEMS[name];
  const random = RandomStream.fromSeed(seed);
  const model = create(random);
  drawWeights(model, random.fork('weights'));
  const optimizer = new Adam(model.namedParameters());
  const trainingBatches = new ArrayBatches(await fieldsOf(load('train')), {
    batchSize: BATCH_SIZE,
    random: random.fork('order'),
  });
  await fit({
    model,
    optimizer,
    schedule: constantSchedule(learningRate),
    trainingBatches,
    loss: ({ inputs, labels }, context) => tf.tidy(() => model.terms(inputs, labels, context.random)),
    epochs: 1,
    steps,
    seed,
  });
  const sums: Record<string, number> = {};
  const held = new ArrayBatches(await fieldsOf(load('test')), { batchSize: 256 });
  for await (const { inputs, labels } of held.batches(0)) {
    const terms = tf.tidy(() => model.terms(inputs, labels, random));
    for (const [term, value] of Object.entries(terms))
      sums[term] = (sums[term] ?? 0) + (await value.data())[0]! / held.batchesPerEpoch;
    tf.dispose([inputs, labels, terms]);
  }
  optimizer.dispose();
  model.dispose();
  return { loss: sums.loss!, ...(sums.accuracy !== undefined && { accuracy: sums.accuracy }) };
}

async function fieldsOf(examples: Promise<Examples>): Promise<Record<'inputs' | 'labels', ArrayField>> {
  return { ...(await examples) };
}

/** U(-1/√n, 1/√n) with n inputs per unit, drawn on the host, as devices draw other numbers. */
function drawWeights(model: Module, random: RandomStream): void {
  for (const variable of model.namedParameters().values()) {
    const { shape, size, rank } = variable;
    const inputs = rank === 4 ? size / shape[3]! : rank === 2 ? shape[1]! : 64;
    const bound = 1 / Math.sqrt(inputs);
    tf.tidy(() => {
      variable.assign(tf.tensor(random.uniformValues(size, -bound, bound), shape));
    });
  }
}
