import * as tf from '@tensorflow/tfjs-core';
import type { SymbolData } from './data.ts';
import type { SymbolPredictor } from './model.ts';

/** Probability of each symbol to come after a sequence of them, [S]. */
export async function predictNext(model: SymbolPredictor, symbols: Int32Array): Promise<Float32Array> {
  const time = symbols.length;
  const probabilities = tf.tidy(() => {
    const logits = model.forward(tf.tensor2d(symbols, [1, time], 'int32')); // [1, T, S]
    return tf.softmax(tf.slice(logits, [0, time - 1, 0], [1, 1, -1]));
  });
  const values = await probabilities.data<'float32'>();
  probabilities.dispose();
  return values;
}

/** Lines of a CSV: each symbol's probability to end the test part, the chain's own, and 1 for the symbol that came. */
export async function predictionTable(model: SymbolPredictor, { chain, test }: SymbolData): Promise<readonly string[]> {
  const { window, symbols, next } = test;
  const last = symbols.subarray(symbols.length - window);
  const predicted = await predictNext(model, last);
  const expected = chain.transitions[last[window - chain.delay]!]!;
  const rows = expected.map((probability, symbol) => [
    symbol,
    predicted[symbol]!.toFixed(4),
    probability.toFixed(4),
    next.at(-1) === symbol ? 1 : 0,
  ]);
  return [['symbol', 'probability', 'true_probability', 'came'], ...rows].map((row) => row.join(','));
}
