import type { RandomNumbers } from '@motley/run';
import type { Values } from './matrices.ts';
import type { RecurrentNetwork } from './model.ts';

/**
 * Reads a prompt from a state of zeros and goes on with it, each symbol drawn from p ∝ exp(y / temperature).
 * @param prompt at least one symbol
 * @param temperature 0 takes the likeliest symbol; below 1 the likely become likelier
 * @param random one number is drawn for each symbol
 * @returns `length` symbols, without the prompt
 */
export function sample(
  network: RecurrentNetwork,
  prompt: Int32Array,
  length: number,
  temperature: number,
  random: RandomNumbers,
): Int32Array {
  const writer = network.withWindow({ streams: 1, steps: 1 });
  const draws = random.uniformValues(length);
  const read = (symbol: number): Values => {
    const logits = writer.forward(Int32Array.of(symbol));
    writer.carryState(1);
    return writer.memory.valuesOf(logits);
  };
  let logits: Values | undefined;
  for (const symbol of prompt) logits = read(symbol);
  return Int32Array.from(draws, (draw) => {
    const symbol = choose(logits!, temperature, draw);
    logits = read(symbol);
    return symbol;
  });
}

/** The symbol on which a number in [0, 1) falls, the probabilities laid end to end. */
export function choose(logits: Values, temperature: number, draw: number): number {
  const likeliest = logits.indexOf(Math.max(...logits));
  if (temperature === 0) return likeliest;
  const weights = Array.from(logits, (logit) => Math.exp((logit - logits[likeliest]!) / temperature));
  let rest = draw * weights.reduce((sum, weight) => sum + weight, 0);
  const chosen = weights.findIndex((weight) => (rest -= weight) < 0);
  // Rounding may leave a little beyond the last.
  return chosen < 0 ? likeliest : chosen;
}
