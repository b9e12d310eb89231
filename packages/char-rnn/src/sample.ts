import type { RandomStream } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import type { CharLstm } from './model.ts';
import { Reader } from './reader.ts';

/** Options of sampling. */
export interface SamplingOptions {
  /** Divisor of the logits; below 1 sharpens the distribution, 0 takes the most probable symbol. */
  readonly temperature: number;
  /** Number of most probable symbols to sample from; null for all. */
  readonly topK: number | null;
  /** Nucleus sampling: samples from the fewest symbols whose probabilities reach this sum (Holtzman et al., 2020). */
  readonly topP: number;
}

/**
 * Probabilities of the next symbol, ∝ exp(logit / temperature) over the symbols kept by top-k and then top-p, 0 elsewhere:
 * logits [V] → [V]. Ties keep the lower index.
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
  const keptTotal = sum(weights.slice(0, kept));
  for (const [index, symbol] of candidates.slice(0, kept).entries())
    probabilities[symbol] = weights[index]! / keptTotal;
  return probabilities;
}

/** Samples a symbol by inverse transform sampling; `draw` is uniform on [0, 1). */
export function drawSymbol(probabilities: ArrayLike<number>, draw: number): number {
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

const UNMODIFIED: SamplingOptions = { temperature: 1, topK: null, topP: 1 };

/** Generated symbols, and the surprisal −ln p of each at temperature 1, in nats. */
export interface Sample {
  readonly symbols: Int32Array;
  readonly surprisal: Float32Array;
}

/** Generated symbol and its surprisal. */
export interface SampledSymbol {
  readonly symbol: number;
  readonly surprisal: number;
}

/**
 * Continues a prompt, symbol by symbol; parameters as in `sample`.
 * @param random random stream; `length` numbers are drawn before the first symbol
 */
export async function* symbolStream(
  model: CharLstm,
  prompt: Int32Array,
  length: number,
  options: SamplingOptions,
  random: RandomStream,
): AsyncGenerator<SampledSymbol> {
  const draws = random.uniformValues(length);
  const reader = new Reader(model, 1);
  const read = (symbol: number): Promise<Float32Array> =>
    reader.read(Int32Array.of(symbol), ({ logits }) => tf.reshape(logits, [-1]));
  try {
    let logits: Float32Array = new Float32Array(model.vocabularySize);
    // One symbol at a time, so only one shape is compiled.
    for (const symbol of prompt) logits = await read(symbol);
    for (let index = 0; index < length; index++) {
      const symbol = drawSymbol(distribution(logits, options), draws[index]!);
      yield { symbol, surprisal: -Math.log(distribution(logits, UNMODIFIED)[symbol]!) };
      if (index + 1 < length) logits = await read(symbol);
    }
  } finally {
    reader.dispose();
  }
}

/**
 * Continues a prompt.
 * @param prompt at least one symbol
 * @param length number of symbols to generate
 * @param random random stream; one number is drawn per symbol
 */
export async function sample(
  model: CharLstm,
  prompt: Int32Array,
  length: number,
  options: SamplingOptions,
  random: RandomStream,
): Promise<Sample> {
  const generated = { symbols: new Int32Array(length), surprisal: new Float32Array(length) };
  let index = 0;
  for await (const { symbol, surprisal } of symbolStream(model, prompt, length, options, random)) {
    generated.symbols[index] = symbol;
    generated.surprisal[index] = surprisal;
    index++;
  }
  return generated;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
