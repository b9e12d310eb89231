import { Adam, Module, type RandomStream } from '@motley/core';
import { classificationLoss, config, TextCnn, Vocabulary } from '@motley/tweet-cnn';
import * as tf from '@tensorflow/tfjs-core';
import type { Batch, TrainingStep } from '../step.ts';

const BATCH_SIZE = 100;
const WORDS = 2386;
const CLASSES = 20;
const LENGTH = 32;

/** The network of packages/tweet-cnn without dropout, under the names of its layers alone. */
class SentenceCnn extends Module {
  readonly vectors: TextCnn['vectors'];
  readonly convolutions: TextCnn['convolutions'];
  readonly output: TextCnn['output'];
  readonly #network: TextCnn;

  constructor(random: RandomStream) {
    super();
    const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `name${index}`);
    const labels = { vocabulary: new Vocabulary(names(WORDS - 2)), classNames: names(CLASSES) };
    this.#network = new TextCnn(config.resolve().model, labels, random);
    this.vectors = this.#network.vectors;
    this.convolutions = this.#network.convolutions;
    this.output = this.#network.output;
  }

  /** `symbols` [B, T], `labels` [B]. */
  loss({ symbols, labels }: Batch): tf.Tensor {
    return classificationLoss(this.#network.forward(symbols!), labels!).loss;
  }

  override dispose(): void {
    this.#network.dispose();
  }
}

export const sentenceCnn: TrainingStep = {
  name: 'Sentence-CNN',
  title: `Kim's CNN, ${LENGTH} words, 64 features, widths 2-5, 100 filters each, max over time, batch ${BATCH_SIZE}, Adam`,
  batchSize: BATCH_SIZE,
  learningRate: 1e-3,
  createModel: (random) => new SentenceCnn(random),
  createOptimizer: (parameters) => new Adam(parameters),
  createBatch(random) {
    const symbols = random.integers(BATCH_SIZE * LENGTH, 1, WORDS);
    const lengths = random.integers(BATCH_SIZE, 9, LENGTH + 1);
    for (const [row, length] of lengths.entries()) symbols.fill(0, row * LENGTH + length, (row + 1) * LENGTH);
    return {
      symbols: tf.tensor2d(symbols, [BATCH_SIZE, LENGTH], 'int32'),
      labels: tf.tensor1d(random.integers(BATCH_SIZE, 0, CLASSES), 'int32'),
    };
  },
};
