import * as tf from '@tensorflow/tfjs-core';
import type { TextCnn } from './model.ts';

/** Evidence of a window of words for a class. */
export interface WindowEvidence {
  /** First word; negative where the window starts before the text. */
  readonly start: number;
  /** Words of the window. */
  readonly width: number;
  /** Part of the class's logit above the mean logit of the classes. */
  readonly evidence: number;
}

/** Evidence for one class in one text: exactly the class's logit above the mean of all classes. */
export interface TextEvidence {
  readonly windows: readonly WindowEvidence[];
  /** Part of the class's bias, which no word accounts for. */
  readonly bias: number;
}

/**
 * Splits a logit into the windows that it comes from. A maximum over time comes from the window at its place, a sum from
 * all windows:
 *
 *   logit_c - mean logit = Σ_f (W_cf - mean W_f) z_f + (b_c - mean b)
 *
 * @param symbols a text without padding, not empty
 */
export async function evidenceFor(model: TextCnn, symbols: Int32Array, label: number): Promise<TextEvidence> {
  const { widths, filters, pooling } = model.config;
  const windows = tf.tidy(() => model.windows(tf.tensor2d(symbols, [1, symbols.length], 'int32')));
  const weights = tf.tidy(() => {
    const all = model.classWeights();
    return tf.slice(tf.sub(all, tf.mean(all, 0)), [label, 0], [1, -1]); // [1, features], above the mean of the classes
  });
  const biases = tf.tidy(() => tf.sub(model.output.bias!, tf.mean(model.output.bias!)));
  const ofClass = await weights.data<'float32'>();
  const bias = (await biases.data<'float32'>())[label]!;
  const result: WindowEvidence[] = [];
  for (const [index, width] of widths.entries()) {
    const values = await windows[index]!.data<'float32'>(); // [P, F]
    const sums = new Float64Array(symbols.length + width - 1);
    const ofMaxima = pooling === 'sum' ? undefined : index * filters;
    const ofSums = pooling === 'max' ? undefined : (pooling === 'both' ? widths.length * filters : 0) + index * filters;
    for (let filter = 0; filter < filters; filter++) {
      const value = (place: number): number => values[place * filters + filter]!;
      let highest = 0;
      for (let place = 0; place < sums.length; place++) {
        if (value(place) > value(highest)) highest = place;
        if (ofSums !== undefined) sums[place]! += ofClass[ofSums + filter]! * value(place);
      }
      if (ofMaxima !== undefined) sums[highest]! += ofClass[ofMaxima + filter]! * value(highest);
    }
    for (const [place, evidence] of sums.entries()) result.push({ start: place - width + 1, width, evidence });
  }
  tf.dispose([windows, weights, biases]);
  return { windows: result, bias };
}

/** Evidence of each word: that of its windows, shared among their words. @returns [words] */
export function evidenceOfWords({ windows }: TextEvidence, words: number): Float64Array {
  const sums = new Float64Array(words);
  for (const { start, width, evidence } of windows) {
    const [first, end] = [Math.max(0, start), Math.min(words, start + width)];
    for (let word = first; word < end; word++) sums[word]! += evidence / (end - first);
  }
  return sums;
}
