import { Adam, Embedding, Linear, Lstm, Module, type RandomStream, softmaxCrossEntropy } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Batch, TrainingStep } from '../step.ts';
import { integerTensor } from './random-batch.ts';

const BATCH_SIZE = 32;
const LENGTH = 64;
const SYMBOLS = 96;
const UNITS = 256;
const LAYERS = 2;

/** The next character from all before it (Karpathy, "The unreasonable effectiveness of recurrent neural networks", 2015). */
class CharacterLstm extends Module {
  readonly embedding: Embedding;
  readonly lstm: Lstm;
  readonly classifier: Linear;

  constructor(random: RandomStream) {
    super();
    this.embedding = new Embedding(SYMBOLS, UNITS, { random });
    this.lstm = new Lstm(UNITS, UNITS, { random, numLayers: LAYERS });
    this.classifier = new Linear(UNITS, SYMBOLS, { random });
  }

  /** `text` and the same one character later, `next`: [B, T]. */
  loss({ text, next }: Batch): tf.Tensor {
    const { output } = this.lstm.forward(this.embedding.forward(text!)); // [B, T, D]
    const logits = this.classifier.forward(tf.reshape(output, [BATCH_SIZE * LENGTH, UNITS]));
    return softmaxCrossEntropy(logits, tf.reshape(next!, [-1]));
  }
}

export const characterLstm: TrainingStep = {
  name: 'Character-LSTM',
  title: `character LSTM ${LAYERS}×${UNITS}, ${LENGTH} steps, batch ${BATCH_SIZE}, ${SYMBOLS} symbols, Adam`,
  batchSize: BATCH_SIZE,
  learningRate: 1e-3,
  createModel: (random) => new CharacterLstm(random),
  createOptimizer: (parameters) => new Adam(parameters),
  createBatch: (random) => ({
    text: integerTensor([BATCH_SIZE, LENGTH], SYMBOLS, random),
    next: integerTensor([BATCH_SIZE, LENGTH], SYMBOLS, random),
  }),
};
