import type { RandomStream } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import type { CharLstm } from './model.ts';
import { Reader } from './reader.ts';

/** How the next symbol is chosen. */
export interface SamplingOptions {
  /** What logits are divided by: below 1 the likely become likelier; 0 takes the likeliest. */
  readonly temperature: number;
  /** Of so many likeliest symbols; null for all. */
  readonly topK: number | null;
  /** Of the fewest symbols whose probabilities reach this sum (Holtzman et al., 2020); 1 for all. */
  readonly topP: number;
}

/**
 * p(next) ∝ exp(logit / temperature) over the symbols that top-k and then top-p leave, 0 for the others: logits [V] → [V].
 * Of equal logits the first come first.
 */
export function distribution(logits: ArrayLike<number>, { temperature, topK, topP }: SamplingOptions): Float64Array {
  const order = Array.from(logits, (_, symbol) => symbol).sort((a, b) => logits[b]! - logits[a]!);
  const probabilities = new Float64Array(logits.length);
  const candidates = order.slice(0, temperature === 0 ? 1 : (topK ?? order.length));
  const largest = logits[order[0]!]!;
  const weights = candidates.map((symbol) =>
    temperature === 0 ? 1 : Math.exp((logits[symbol]! - largest) / temperature),
  );
  const total = sum(weights);
  let kept = 0;
  for (let reached = 0; kept < weights.length && (kept === 0 || reached < topP * total); kept++)
    reached += weights[kept]!;
  const ofKept = sum(weights.slice(0, kept));
  for (const [index, symbol] of candidates.slice(0, kept).entries()) probabilities[symbol] = weights[index]! / ofKept;
  return probabilities;
}

/** The symbol on which a number in [0, 1) falls, its probabilities laid end to end. */
export function chosen(probabilities: ArrayLike<number>, draw: number): number {
  let last = 0;
  let reached = 0;
  for (let symbol = 0; symbol < probabilities.length; symbol++) {
    if (probabilities[symbol] === 0) continue;
    last = symbol;
    reached += probabilities[symbol]!;
    if (draw < reached) break;
  }
  return last;
}

const AS_IT_IS: SamplingOptions = { temperature: 1, topK: null, topP: 1 };

/** What was written, and how surprising each symbol was to the network as it is, at temperature 1: −ln p, in nats. */
export interface Sample {
  readonly symbols: Int32Array;
  readonly surprise: Float32Array;
}

/**
 * Reads a prompt and goes on with it.
 * @param prompt symbols, at least one
 * @param length how many symbols to write
 * @param random one number is drawn for each symbol
 */
export async function sample(
  model: CharLstm,
  prompt: Int32Array,
  length: number,
  options: SamplingOptions,
  random: RandomStream,
): Promise<Sample> {
  const draws = random.uniformValues(length);
  const written = { symbols: new Int32Array(length), surprise: new Float32Array(length) };
  const reader = new Reader(model, 1);
  const read = (symbol: number): Promise<Float32Array> =>
    reader.read(Int32Array.of(symbol), ({ logits }) => tf.reshape(logits, [-1]));
  try {
    let logits: Float32Array = new Float32Array(model.vocabularySize);
    // One by one, as what is written: one shape for all.
    for (const symbol of prompt) logits = await read(symbol);
    for (let index = 0; index < length; index++) {
      if (index > 0) logits = await read(written.symbols[index - 1]!);
      const symbol = chosen(distribution(logits, options), draws[index]!);
      written.symbols[index] = symbol;
      written.surprise[index] = -Math.log(distribution(logits, AS_IT_IS)[symbol]!);
    }
  } finally {
    reader.dispose();
  }
  return written;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
