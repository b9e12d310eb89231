import * as tf from '@tensorflow/tfjs-core';
import type { CharLstm, CharLstmOutput, LayerState } from './model.ts';

/** What a network makes of streams of text that come piece by piece: it has read all pieces so far. */
export class Reader {
  readonly #model: CharLstm;
  readonly #streams: number;
  #states: LayerState[];

  /** @param streams B, texts that are read side by side */
  constructor(model: CharLstm, streams: number) {
    this.#model = model;
    this.#streams = streams;
    this.#states = model.initialStates(streams);
  }

  /**
   * Reads the next piece of each stream. Each length is a shape of its own, which the fused operation is compiled for.
   * @param symbols [B, T], side by side
   * @param look at what the network says; runs in `tf.tidy`, and its values are what is returned
   */
  async read(
    symbols: Int32Array,
    look: (output: CharLstmOutput, shape: [number, number]) => tf.Tensor,
  ): Promise<Float32Array> {
    const shape: [number, number] = [this.#streams, symbols.length / this.#streams];
    const [seen, states] = tf.tidy((): [tf.Tensor, LayerState[]] => {
      const output = this.#model.forward(tf.tensor2d(symbols, shape, 'int32'), this.#states);
      return [look(output, shape), output.states];
    });
    tf.dispose(this.#states);
    this.#states = states;
    const values = await seen.data<'float32'>();
    seen.dispose();
    return values;
  }

  /** Frees the state. */
  dispose(): void {
    tf.dispose(this.#states);
  }
}
