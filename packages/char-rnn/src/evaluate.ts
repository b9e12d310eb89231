import { type Metrics, yieldToEventLoop } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import type { TextData } from './data.ts';
import { bitsPerCharacter, surprisal } from './loss.ts';
import type { CharLstm } from './model.ts';
import { fitNgram } from './ngram/ngram.ts';
import { Reader } from './reader.ts';

/** Parallel streams, each on its own part of the text, for products of matrices instead of vectors. */
const STREAMS = 32;
/** Symbols that a stream reads before its part to warm up its state. */
const WARM_UP = 256;
/** Maximum steps between two reads from the device. */
const LONGEST_WINDOW = 256;

/**
 * −ln p of each symbol but the first, given those before it, in nats: symbols [T] → [T - 1]. The text is read in parallel
 * streams, each warmed up on the `WARM_UP` symbols before its part, so contexts are slightly truncated.
 */
export async function surprisals(model: CharLstm, symbols: Int32Array): Promise<Float32Array> {
  const count = symbols.length - 1;
  const streams = Math.min(STREAMS, Math.ceil(count / WARM_UP));
  const part = Math.ceil(count / streams);
  const starts = Array.from({ length: streams }, (_, stream) => Math.max(0, stream * part - WARM_UP));
  const windows = Math.ceil((part + WARM_UP) / LONGEST_WINDOW);
  // All windows have one length, as each shape is compiled; the surplus is not counted.
  const length = Math.ceil((part + WARM_UP) / windows);
  const found = new Float32Array(count);
  const reader = new Reader(model, streams);
  try {
    for (let window = 0; window < windows; window++) {
      const places = starts.flatMap((start) => {
        return Array.from({ length }, (_, time) => start + window * length + time);
      });
      const at = (shift: number) => Int32Array.from(places, (place) => symbols[Math.min(place, count - 1) + shift]!);
      const values = await reader.read(at(0), ({ logits }, shape) =>
        surprisal(logits, tf.tensor2d(at(1), shape, 'int32')),
      );
      for (const [index, place] of places.entries()) {
        const stream = Math.floor(index / length);
        if (place >= stream * part && place < Math.min((stream + 1) * part, count)) found[place] = values[index]!;
      }
      await yieldToEventLoop();
    }
  } finally {
    reader.dispose();
  }
  return found;
}

/** Metrics on all symbols of the validation part: `loss` in nats per symbol, `bitsPerCharacter`. */
export async function measure(model: CharLstm, data: TextData): Promise<Metrics> {
  const found = await surprisals(model, Int32Array.from([data.training.at(-1)!, ...data.validation]));
  return metricsOf(found.reduce((sum, value) => sum + value, 0) / found.length, data);
}

/**
 * Baselines with the same metrics: n-grams of orders 1, 2 and 5 with modified Kneser–Ney smoothing, fitted to the training
 * part, and the entropy rate if it is known.
 */
export function baselines(data: TextData): Record<string, Metrics> {
  const { vocabulary, training, validation, entropyRate } = data;
  const orders = { unigram: 1, bigram: 2, fiveGram: 5 };
  const ngramMetrics = Object.entries(orders).map(([name, order]) => {
    const loss = fitNgram(training, vocabulary.length, order).negativeLogLikelihood(validation);
    return [name, metricsOf(loss, data)] as const;
  });
  return {
    ...Object.fromEntries(ngramMetrics),
    ...(entropyRate !== undefined && { entropyRate: metricsOf(entropyRate, data) }),
  };
}

function metricsOf(loss: number, { symbolsPerCharacter }: TextData): Metrics {
  return { loss, bitsPerCharacter: bitsPerCharacter(loss, symbolsPerCharacter) };
}
