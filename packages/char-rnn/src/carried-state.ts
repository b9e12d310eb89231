import { buffer, Module, type RandomTensors } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import type { TextBatch } from './data.ts';
import { charRnnLoss, type CharRnnLoss } from './loss.ts';
import type { CharLstm, LayerState } from './model.ts';

/** State of one layer between two batches, saved with the weights. */
class CarriedState extends Module {
  readonly hidden: tf.Variable; // [B, D]
  readonly cell: tf.Variable; // [B, D]

  /** Takes ownership of the tensors. */
  constructor({ hidden, cell }: LayerState) {
    super();
    this.hidden = buffer(hidden);
    this.cell = buffer(cell);
  }
}

/**
 * Trains a network by truncated backpropagation through time (Williams & Peng, 1990). Each batch continues B streams of
 * text from the final state of the previous batch; gradients stop at the first symbol of the batch. The states are buffers,
 * so they are saved in checkpoints and a resumed training has the same bits.
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

  /** Loss of a batch; updates the carried state to that after the batch. */
  learn({ symbols, next, isContinued }: TextBatch, random: RandomTensors): CharRnnLoss {
    return tf.tidy(() => {
      const kept = tf.cast(tf.reshape(isContinued, [-1, 1]), 'bool'); // [B, 1]
      const before = this.carried.map(({ hidden, cell }) => {
        return {
          hidden: tf.where(kept, hidden, tf.zerosLike(hidden)),
          cell: tf.where(kept, cell, tf.zerosLike(cell)),
        };
      });
      const { logits, states } = this.network.forward(symbols, before, random);
      for (const [layer, { hidden, cell }] of states.entries()) {
        this.carried[layer]!.hidden.assign(hidden);
        this.carried[layer]!.cell.assign(cell);
      }
      return charRnnLoss(logits, next);
    });
  }

  /** Disposes of the carried state, not of the network. */
  disposeState(): void {
    for (const state of this.carried) state.dispose();
  }
}
