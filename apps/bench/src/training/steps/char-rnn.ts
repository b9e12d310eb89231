import { CharLstm, charRnnLoss } from '@motley/char-rnn';
import { Adam, Module, type RandomStream } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Batch, TrainingStep } from '../step.ts';
import { integerTensor, normalTensor } from './random-batch.ts';

const BATCH_SIZE = 32;
const LENGTH = 64;
const SYMBOLS = 65;
const UNITS = 384;
const LAYERS = 2;

/** The LSTM of packages/char-rnn at its default size; the state that it goes on from is a part of the batch. */
class ContinuedText extends Module {
  readonly network: CharLstm;

  constructor(random: RandomStream) {
    super();
    const vocabulary = Int32Array.from({ length: SYMBOLS }, (_, symbol) => symbol);
    this.network = new CharLstm({ units: UNITS, layers: LAYERS, dropout: 0, recurrence: 'fused' }, vocabulary, random);
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
  title: `char-rnn ${LAYERS}×${UNITS} from one-hot characters, ${LENGTH} steps, batch ${BATCH_SIZE}, ${SYMBOLS} symbols, Adam`,
  batchSize: BATCH_SIZE,
  learningRate: 1e-3,
  createModel: (random) => new ContinuedText(random),
  createOptimizer: (parameters) => new Adam(parameters),
  createBatch: (random) => ({
    text: integerTensor([BATCH_SIZE, LENGTH], SYMBOLS, random),
    next: integerTensor([BATCH_SIZE, LENGTH], SYMBOLS, random),
    hidden: normalTensor([LAYERS, BATCH_SIZE, UNITS], random),
    cell: normalTensor([LAYERS, BATCH_SIZE, UNITS], random),
  }),
};
