import { Adam, Embedding, Linear, Lstm, Module, type RandomStream, softmaxCrossEntropy } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Batch, TrainingStep } from '../step.ts';
import { integerTensor } from './random-batch.ts';

const batchSize = 32;
const length = 64;
const symbols = 96;
const units = 256;
const layers = 2;

/** The next character from all before it (Karpathy, "The unreasonable effectiveness of recurrent neural networks", 2015). */
class CharacterLstm extends Module {
  readonly embedding: Embedding;
  readonly lstm: Lstm;
  readonly classifier: Linear;

  constructor(random: RandomStream) {
    super();
    this.embedding = new Embedding(symbols, units, { random });
    this.lstm = new Lstm(units, units, { random, numLayers: layers });
    this.classifier = new Linear(units, symbols, { random });
  }

  /** `text` and the same one character later, `next`: [B, T]. */
  loss({ text, next }: Batch): tf.Tensor {
    const { output } = this.lstm.forward(this.embedding.forward(text!)); // [B, T, D]
    const logits = this.classifier.forward(tf.reshape(output, [batchSize * length, units]));
    return softmaxCrossEntropy(logits, tf.reshape(next!, [-1]));
  }
}

export const characterLstm: TrainingStep = {
  name: 'Character-LSTM',
  title: `character LSTM ${layers}×${units}, ${length} steps, batch ${batchSize}, ${symbols} symbols, Adam`,
  batchSize,
  learningRate: 1e-3,
  createModel: (random) => new CharacterLstm(random),
  createOptimizer: (parameters) => new Adam(parameters),
  createBatch: (random) => ({
    text: integerTensor([batchSize, length], symbols, random),
    next: integerTensor([batchSize, length], symbols, random),
  }),
};
