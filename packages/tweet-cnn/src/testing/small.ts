import { RandomStream } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import { config, type TweetCnnConfig } from '../config.ts';
import { TextCnn } from '../model.ts';
import { Language, type LanguageSettings } from '../synthetic/language.ts';
import { Vocabulary } from '../vocabulary.ts';

/** A language small enough to list all texts. */
export const smallLanguage = (settings: Partial<LanguageSettings> = {}): Language =>
  new Language({
    classes: 3,
    groups: 2,
    synonyms: 1,
    backgroundWords: 1,
    phraseRate: 0.3,
    topicSkew: 0.4,
    largestGap: 0,
    lengths: [5, 5],
    seed: 4,
    ...settings,
  });

export const smallLabels = { vocabulary: new Vocabulary(['a', 'b', 'c', 'd', 'e']), classNames: ['x', 'y', 'z'] };

export function smallConfig(...set: readonly string[]): TweetCnnConfig {
  const sizes = ['model.features=4', 'model.filters=3', 'model.widths=[2,3]', 'model.dropout=0', 'model.maxNorm=0.5'];
  return config.resolve({ set: [...sizes, ...set] });
}

export function smallModel(...set: readonly string[]): TextCnn {
  return new TextCnn(smallConfig(...set).model, smallLabels, RandomStream.fromSeed(3));
}

/** Values sin(0.37 i + seed) · scale, as in `reference.py`. */
export function formula(seed: number, shape: readonly number[], scale: number): tf.Tensor {
  const count = tf.util.sizeFromShape([...shape]);
  const values = Float32Array.from({ length: count }, (_, index) => Math.sin(index * 0.37 + seed) * scale);
  return tf.tensor(values, [...shape]);
}
