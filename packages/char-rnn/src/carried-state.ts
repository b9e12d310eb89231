import { buffer, Module, type RandomTensors } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import type { TextBatch } from './data.ts';
import { charRnnLoss, type CharRnnLoss } from './loss.ts';
import type { CharLstm, LayerState } from './model.ts';

/** The state of one layer between two batches, saved with the weights. */
class CarriedState extends Module {
  readonly hidden: tf.Variable; // [B, D]
  readonly cell: tf.Variable; // [B, D]

  /** Takes the tensors over. */
  constructor({ hidden, cell }: LayerState) {
    super();
    this.hidden = buffer(hidden);
    this.cell = buffer(cell);
  }
}

/**
 * A network that learns by truncated backpropagation through time (Williams & Peng, 1990): each batch goes on in B
 * streams of text where the last one ended, in the state that it left, and gradients stop at the batch's first symbol.
 * The states are buffers, so that a checkpoint has them and a resumed training goes on from the same bits.
 */
export class StreamLearner extends Module {
  readonly network: CharLstm;
  readonly carried: readonly CarriedState[];

  /** @param batchSize B */
  constructor(network: CharLstm, batchSize: number) {
    super();
    this.network = network;
    this.carried = network.initialStates(batchSize).map((state) => new CarriedState(state));
  }

  /** The loss of a batch, after which the carried state is that of its end. */
  learn({ symbols, next, isContinued }: TextBatch, random: RandomTensors): CharRnnLoss {
    return tf.tidy(() => {
      const kept = tf.reshape(isContinued, [-1, 1]); // [B, 1]
      const before = this.carried.map(({ hidden, cell }) => {
        return { hidden: tf.mul(hidden, kept), cell: tf.mul(cell, kept) };
      });
      const { logits, states } = this.network.forward(symbols, before, random);
      for (const [layer, { hidden, cell }] of states.entries()) {
        this.carried[layer]!.hidden.assign(hidden);
        this.carried[layer]!.cell.assign(cell);
      }
      return charRnnLoss(logits, next);
    });
  }

  /** Frees what is carried, and leaves the network to its owner. */
  disposeState(): void {
    for (const state of this.carried) state.dispose();
  }
}
