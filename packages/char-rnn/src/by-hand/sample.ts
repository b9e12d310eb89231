import { largest } from '@motley/run';
import type { RandomNumbers } from '@motley/run';
import type { Values } from './matrices.ts';
import type { RecurrentNetwork } from './model.ts';

/** Continues a prompt, symbol by symbol; parameters as in `sample`. */
export function* symbolStream(
  network: RecurrentNetwork,
  prompt: Int32Array,
  length: number,
  temperature: number,
  random: RandomNumbers,
): Generator<number> {
  const writer = network.withWindow({ streams: 1, steps: 1 });
  const read = (symbol: number): Values => {
    const logits = writer.forward(Int32Array.of(symbol));
    writer.carryState(1);
    return writer.memory.valuesOf(logits);
  };
  let logits: Values | undefined;
  for (const symbol of prompt) logits = read(symbol);
  for (const draw of random.uniformValues(length)) {
    const symbol = drawSymbol(logits!, temperature, draw);
    yield symbol;
    logits = read(symbol);
  }
}

/**
 * Continues a prompt from a state of zeros. Each symbol is drawn from p ∝ exp(y / temperature).
 * @param prompt at least one symbol
 * @param temperature 0 takes the most likely symbol; values below 1 sharpen the distribution
 * @param random draws one number for each symbol
 * @returns `length` symbols, without the prompt
 */
export function sample(
  network: RecurrentNetwork,
  prompt: Int32Array,
  length: number,
  temperature: number,
  random: RandomNumbers,
): Int32Array {
  return Int32Array.from(symbolStream(network, prompt, length, temperature, random));
}

/** Draws a symbol by inverse transform sampling. @param draw uniform in [0, 1) */
export function drawSymbol(logits: Values, temperature: number, draw: number): number {
  const mostLikely = logits.indexOf(largest(logits));
  if (temperature === 0) return mostLikely;
  const weights = Array.from(logits, (logit) => Math.exp((logit - logits[mostLikely]!) / temperature));
  let rest = draw * weights.reduce((sum, weight) => sum + weight, 0);
  const chosen = weights.findIndex((weight) => (rest -= weight) < 0);
  // Rounding can leave `draw` beyond the last symbol.
  return chosen < 0 ? mostLikely : chosen;
}
