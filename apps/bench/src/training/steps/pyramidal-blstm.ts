import { Adam, Linear, Lstm, Module, type RandomStream, softmaxCrossEntropy } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Batch, TrainingStep } from '../step.ts';
import { integerTensor, normalTensor } from './random-batch.ts';

const BATCH_SIZE = 16;
const FRAMES = 256;
const MELS = 40;
const UNITS = 128;
const LAYERS = 3;
const CLASSES = 32;
const steps = FRAMES / 2 ** LAYERS;

/** The listener of Chan et al., "Listen, attend and spell" (2016): each layer reads two steps of the one below as one. */
class PyramidalBlstm extends Module {
  readonly layers: readonly Lstm[];
  readonly classifier: Linear;

  constructor(random: RandomStream) {
    super();
    this.layers = Array.from(
      { length: LAYERS },
      (_, layer) => new Lstm(2 * (layer === 0 ? MELS : 2 * UNITS), UNITS, { random, bidirectional: true }),
    );
    this.classifier = new Linear(2 * UNITS, CLASSES, { random });
  }

  /** A class for each step of the top: `spectrogram` [B, 256, 40], `labels` [B, 32]. */
  loss({ spectrogram, labels }: Batch): tf.Tensor {
    let features = spectrogram!;
    for (const layer of this.layers) {
      const [, time, width] = features.shape as [number, number, number];
      const pairs = tf.reshape(features, [BATCH_SIZE, time / 2, 2 * width]);
      features = layer.forward(pairs).output; // [B, T / 2, 2 D]
    }
    const logits = this.classifier.forward(tf.reshape(features, [BATCH_SIZE * steps, 2 * UNITS]));
    return softmaxCrossEntropy(logits, tf.reshape(labels!, [-1]));
  }
}

export const pyramidalBlstm: TrainingStep = {
  name: 'Pyramidal-BLSTM',
  title: `pyramidal BLSTM, ${LAYERS} layers of ${UNITS} a direction, ${FRAMES} frames, batch ${BATCH_SIZE}, Adam`,
  batchSize: BATCH_SIZE,
  learningRate: 1e-3,
  createModel: (random) => new PyramidalBlstm(random),
  createOptimizer: (parameters) => new Adam(parameters),
  createBatch: (random) => ({
    spectrogram: normalTensor([BATCH_SIZE, FRAMES, MELS], random),
    labels: integerTensor([BATCH_SIZE, steps], CLASSES, random),
  }),
};
