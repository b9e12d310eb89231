/**
 * A long short-term memory (Hochreiter & Schmidhuber, 1997; forget gate: Gers et al., 2000) that predicts the next
 * symbol of a sequence.
 *
 * B batch, T time, S symbols, D hidden units.
 */
import { Linear, Lstm, Module, type RandomStream } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import type { MarkovConfig } from './config.ts';
import { initialValues } from './initialization.ts';

/** Predicts each symbol of a sequence from all before it: one-hot symbols, one LSTM layer, one linear layer. */
export class SymbolPredictor extends Module {
  readonly lstm: Lstm;
  readonly head: Linear;
  readonly #symbols: number;

  /** @param random draws the initial weights */
  constructor({ units, initialization, window }: MarkovConfig['model'], symbols: number, random: RandomStream) {
    super();
    const stream = random.fork('lstm');
    this.lstm = new Lstm(symbols, units, { random: stream });
    const own = initialValues({ kind: initialization, inputs: symbols, units, longest: window }, stream);
    const parameters = this.lstm.namedParameters();
    for (const [name, values] of Object.entries(own)) {
      const parameter = parameters.get(name)!;
      tf.tidy(() => {
        parameter.assign(tf.tensor(values, parameter.shape));
      });
    }
    this.head = new Linear(units, symbols, { random: random.fork('head') });
    this.#symbols = symbols;
  }

  /** int32 [B, T] → logits of the symbol after each, [B, T, S]. */
  forward(symbols: tf.Tensor): tf.Tensor {
    return tf.tidy(() => {
      const [batch, time] = symbols.shape as [number, number];
      const { output } = this.lstm.forward(tf.cast(tf.oneHot(symbols, this.#symbols), 'float32')); // [B, T, D]
      // Time first, as the layer computes it: the order in which the head's gradient is summed.
      const states = tf.reshape(tf.transpose(output, [1, 0, 2]), [time * batch, -1]); // [T B, D]
      const logits = tf.reshape(this.head.forward(states), [time, batch, this.#symbols]);
      return tf.transpose(logits, [1, 0, 2]);
    });
  }
}
