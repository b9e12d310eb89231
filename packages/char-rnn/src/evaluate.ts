import { type Metrics, yieldToEventLoop } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import type { TextData } from './data.ts';
import { bitsPerCharacter, surprise } from './loss.ts';
import type { CharLstm } from './model.ts';
import { fitNgram } from './ngram/ngram.ts';
import { Reader } from './reader.ts';

/** Side by side, so that products are of matrices: each reads its own part of the text. */
const STREAMS = 32;
/** What a stream reads before its part, so that its state is that of a reader who has come so far. */
const WARM_UP = 256;
/** Steps between two reads from the device. */
const LONGEST_WINDOW = 256;

/**
 * −ln p of each symbol but the first, given all before it, in nats: one less than there are symbols. Streams begin
 * `WARM_UP` symbols before the part that they are asked for, and so know a little less than all.
 */
export async function surprises(model: CharLstm, symbols: Int32Array): Promise<Float32Array> {
  const count = symbols.length - 1;
  const streams = Math.min(STREAMS, Math.ceil(count / WARM_UP));
  const part = Math.ceil(count / streams);
  const starts = Array.from({ length: streams }, (_, stream) => Math.max(0, stream * part - WARM_UP));
  const windows = Math.ceil((part + WARM_UP) / LONGEST_WINDOW);
  // All of one length, for each new shape is another compilation; what goes beyond is read and not counted.
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
        surprise(logits, tf.tensor2d(at(1), shape, 'int32')),
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

/** Of the validation part, every symbol of it: `loss` in nats per symbol, `bitsPerCharacter`. */
export async function measure(model: CharLstm, data: TextData): Promise<Metrics> {
  const found = await surprises(model, Int32Array.of(data.training.at(-1)!, ...data.validation));
  return metricsOf(found.reduce((sum, value) => sum + value, 0) / found.length, data);
}

/**
 * The same figures of what needs no network: n-grams of one, two and five symbols with modified Kneser–Ney smoothing,
 * counted in the training part, and, where it is known, the entropy rate, which nothing is better than.
 */
export function baselines(data: TextData): Record<string, Metrics> {
  const { vocabulary, training, validation, entropyRate } = data;
  const orders = { unigram: 1, bigram: 2, fiveGram: 5 };
  const ofNgrams = Object.entries(orders).map(([name, order]) => {
    const loss = fitNgram(training, vocabulary.length, order).negativeLogLikelihood(validation);
    return [name, metricsOf(loss, data)] as const;
  });
  return {
    ...Object.fromEntries(ofNgrams),
    ...(entropyRate !== undefined && { entropyRate: metricsOf(entropyRate, data) }),
  };
}

function metricsOf(loss: number, { symbolsPerCharacter }: TextData): Metrics {
  return { loss, bitsPerCharacter: bitsPerCharacter(loss, symbolsPerCharacter) };
}
