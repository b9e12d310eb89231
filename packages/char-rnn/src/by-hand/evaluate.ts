import type { Metrics } from '@motley/run';
import { fitNgram } from '../ngram/ngram.ts';
import type { TextData } from './data.ts';
import { crossEntropy } from './loss.ts';
import type { RecurrentNetwork } from './model.ts';

/** Symbols read at once. */
const STEPS = 256;

/** The network's surprise at each symbol but the first, given all before it, from a state of zeros: nats per symbol. */
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

/** Of the validation part, every symbol of it: `loss` in nats per symbol, `bitsPerCharacter`. */
export function measure(network: RecurrentNetwork, data: TextData): Metrics {
  const symbols = Int32Array.of(...data.training.subarray(-1), ...data.validation);
  return metricsOf(negativeLogLikelihood(network, symbols), data);
}

/** The same figures of n-grams of one, two and five symbols with modified Kneser–Ney smoothing, of the training part. */
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
