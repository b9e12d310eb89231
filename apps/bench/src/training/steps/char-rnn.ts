import { CharLstm, charRnnLoss } from '@motley/char-rnn';
import { Adam, Module, type RandomStream } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Batch, TrainingStep } from '../step.ts';
import { integerTensor, normalTensor } from './random-batch.ts';

const batchSize = 32;
const length = 64;
const symbols = 65;
const units = 384;
const layers = 2;

/** The LSTM of packages/char-rnn at its default size; the state that it goes on from is a part of the batch. */
class ContinuedText extends Module {
  readonly network: CharLstm;

  constructor(random: RandomStream) {
    super();
    const vocabulary = Int32Array.from({ length: symbols }, (_, symbol) => symbol);
    this.network = new CharLstm({ units, layers, dropout: 0, recurrence: 'fused' }, vocabulary, random);
  }

  /** `text` and the same one character later, `next`: [B, T]; `hidden` and `cell`: [L, B, D]. */
  loss({ text, next, hidden, cell }: Batch): tf.Tensor {
    const [hiddens, cells] = [tf.unstack(hidden!), tf.unstack(cell!)];
    const states = hiddens.map((each, layer) => ({ hidden: each, cell: cells[layer]! }));
    return charRnnLoss(this.network.forward(text!, states).logits, next!).loss;
  }
}

export const charRnn: TrainingStep = {
  name: 'Char-RNN',
  title: `char-rnn ${layers}×${units} from one-hot characters, ${length} steps, batch ${batchSize}, ${symbols} symbols, Adam`,
  batchSize,
  learningRate: 1e-3,
  createModel: (random) => new ContinuedText(random),
  createOptimizer: (parameters) => new Adam(parameters),
  createBatch: (random) => ({
    text: integerTensor([batchSize, length], symbols, random),
    next: integerTensor([batchSize, length], symbols, random),
    hidden: normalTensor([layers, batchSize, units], random),
    cell: normalTensor([layers, batchSize, units], random),
  }),
};
