import type { Metrics } from '@motley/run';
import { fitNgram } from '../ngram/ngram.ts';
import type { TextData } from './data.ts';
import { crossEntropy } from './loss.ts';
import type { RecurrentNetwork } from './model.ts';

/** Symbols that one forward pass reads. */
const STEPS = 256;

/**
 * Mean negative log-likelihood in nats per symbol. Each symbol but the first is predicted given all before it, from a
 * state of zeros.
 */
export function negativeLogLikelihood(network: RecurrentNetwork, symbols: Int32Array): number {
  const count = symbols.length - 1;
  const reader = network.withWindow({ streams: 1, steps: Math.min(STEPS, count) });
  let sum = 0;
  for (let start = 0; start < count; start += STEPS) {
    const steps = Math.min(STEPS, count - start);
    const logits = reader.forward(symbols.subarray(start, start + steps));
    sum += steps * crossEntropy(reader.memory.valuesOf(logits), symbols.subarray(start + 1, start + 1 + steps));
    reader.carryState(steps);
  }
  return sum / count;
}

/** Metrics over every symbol of the validation part: `loss` in nats per symbol, and `bitsPerCharacter`. */
export function measure(network: RecurrentNetwork, data: TextData): Metrics {
  const symbols = Int32Array.from([...data.training.subarray(-1), ...data.validation]);
  return metricsOf(negativeLogLikelihood(network, symbols), data);
}

/**
 * The same metrics of n-gram models with n = 1, 2 and 5, fitted to the training part with modified Kneser–Ney
 * smoothing.
 */
export function baselines(data: TextData): Record<string, Metrics> {
  const { vocabulary, training, validation } = data;
  const orders = { unigram: 1, bigram: 2, fiveGram: 5 };
  return Object.fromEntries(
    Object.entries(orders).map(([name, order]) => {
      const model = fitNgram(training, vocabulary.tokenizer.vocabularySize, order);
      return [name, metricsOf(model.negativeLogLikelihood(validation), data)];
    }),
  );
}

function metricsOf(loss: number, { symbolsPerCharacter }: TextData): Metrics {
  return { loss, bitsPerCharacter: (loss / Math.LN2) * symbolsPerCharacter };
}
