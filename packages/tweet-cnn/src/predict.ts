import * as tf from '@tensorflow/tfjs-core';
import { padded } from './labeled-texts.ts';
import type { TextCnn } from './model.ts';
import { wordsOf } from './vocabulary.ts';

/** Texts in one pass of the network. */
const BATCH_SIZE = 500;

/**
 * Probabilities of the classes of each text.
 * @param symbols [N, T], padded at the end
 * @returns [N, C]
 */
export async function predict(model: TextCnn, symbols: Int32Array, length: number): Promise<Float32Array> {
  const classes = model.labels.classNames.length;
  const count = symbols.length / length;
  const probabilities = new Float32Array(count * classes);
  for (let first = 0; first < count; first += BATCH_SIZE) {
    const rows = Math.min(BATCH_SIZE, count - first);
    const batch = tf.tidy(() => {
      const part = symbols.slice(first * length, (first + rows) * length);
      return tf.softmax(model.forward(tf.tensor2d(part, [rows, length], 'int32')));
    });
    probabilities.set(await batch.data<'float32'>(), first * classes);
    batch.dispose();
  }
  return probabilities;
}

/** A class that a text may belong to. */
export interface Guess {
  readonly className: string;
  readonly probability: number;
}

/** The text's words, their symbols, and all classes, the likeliest first. */
export interface Reading {
  readonly words: readonly string[];
  readonly symbols: Int32Array;
  readonly guesses: readonly Guess[];
}

/**
 * Reads texts as they are written.
 * @param longest words read of each text
 */
export async function readTexts(model: TextCnn, texts: readonly string[], longest: number): Promise<Reading[]> {
  const { vocabulary, classNames } = model.labels;
  const words = texts.map((text) => wordsOf(text).slice(0, longest));
  const encoded = words.map((each) => vocabulary.encode(each));
  const probabilities = await predict(model, padded(encoded, longest), longest);
  return words.map((each, row) => ({
    words: each,
    symbols: encoded[row]!,
    guesses: classNames
      .map((className, label) => ({ className, probability: probabilities[row * classNames.length + label]! }))
      .sort((a, b) => b.probability - a.probability),
  }));
}
