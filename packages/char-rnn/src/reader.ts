import * as tf from '@tensorflow/tfjs-core';
import type { CharLstm, CharLstmOutput, LayerState } from './model.ts';

/** Reads streams of text piece by piece, and keeps the network's state between pieces. */
export class Reader {
  readonly #model: CharLstm;
  readonly #streams: number;
  #states: LayerState[];

  /** @param streams number of parallel streams, B */
  constructor(model: CharLstm, streams: number) {
    this.#model = model;
    this.#streams = streams;
    this.#states = model.initialStates(streams);
  }

  /**
   * Reads the next piece of each stream. The fused operation is compiled once for each length T.
   * @param symbols [B, T]
   * @param select tensor of the network's output to return; runs in `tf.tidy`
   */
  async read(
    symbols: Int32Array,
    select: (output: CharLstmOutput, shape: [number, number]) => tf.Tensor,
  ): Promise<Float32Array> {
    const shape: [number, number] = [this.#streams, symbols.length / this.#streams];
    const [selected, states] = tf.tidy((): [tf.Tensor, LayerState[]] => {
      const output = this.#model.forward(tf.tensor2d(symbols, shape, 'int32'), this.#states);
      return [select(output, shape), output.states];
    });
    tf.dispose(this.#states);
    this.#states = states;
    const values = await selected.data<'float32'>();
    selected.dispose();
    return values;
  }

  /** Disposes of the state. */
  dispose(): void {
    tf.dispose(this.#states);
  }
}
