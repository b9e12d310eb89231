import { Adam, Linear, Lstm, Module, type RandomStream, softmaxCrossEntropy } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Batch, TrainingStep } from '../step.ts';
import { integerTensor, normalTensor } from './random-batch.ts';

const batchSize = 16;
const frames = 256;
const mels = 40;
const units = 128;
const layers = 3;
const classes = 32;
const steps = frames / 2 ** layers;

/** The listener of Chan et al., "Listen, attend and spell" (2016): each layer reads two steps of the one below as one. */
class PyramidalBlstm extends Module {
  readonly layers: readonly Lstm[];
  readonly classifier: Linear;

  constructor(random: RandomStream) {
    super();
    this.layers = Array.from(
      { length: layers },
      (_, layer) => new Lstm(2 * (layer === 0 ? mels : 2 * units), units, { random, bidirectional: true }),
    );
    this.classifier = new Linear(2 * units, classes, { random });
  }

  /** A class for each step of the top: `spectrogram` [B, 256, 40], `labels` [B, 32]. */
  loss({ spectrogram, labels }: Batch): tf.Tensor {
    let features = spectrogram!;
    for (const layer of this.layers) {
      const [, time, width] = features.shape as [number, number, number];
      const pairs = tf.reshape(features, [batchSize, time / 2, 2 * width]);
      features = layer.forward(pairs).output; // [B, T / 2, 2 D]
    }
    const logits = this.classifier.forward(tf.reshape(features, [batchSize * steps, 2 * units]));
    return softmaxCrossEntropy(logits, tf.reshape(labels!, [-1]));
  }
}

export const pyramidalBlstm: TrainingStep = {
  name: 'Pyramidal-BLSTM',
  title: `pyramidal BLSTM, ${layers} layers of ${units} a direction, ${frames} frames, batch ${batchSize}, Adam`,
  batchSize,
  learningRate: 1e-3,
  createModel: (random) => new PyramidalBlstm(random),
  createOptimizer: (parameters) => new Adam(parameters),
  createBatch: (random) => ({
    spectrogram: normalTensor([batchSize, frames, mels], random),
    labels: integerTensor([batchSize, steps], classes, random),
  }),
};
