import { logMel } from '@motley/core/audio';
import type { AttentionOverTimeOptions } from '@motley/run/node';
import * as tf from '@tensorflow/tfjs-core';
import { Alphabet, END } from './alphabet.ts';
import type { LasSpeechConfig } from './config.ts';
import { lettersOf } from './error-rates.ts';
import { featureWidth } from './features.ts';
import type { ListenAttendSpell } from './model.ts';
import { SAMPLE_RATE_IN_HZ } from './sample-rate.ts';
import type { Utterances } from './utterances.ts';

/** Where a speller looks while it spells a text. L letters with the end, U steps of the listener. */
export interface Attended {
  readonly text: string;
  /** [L, U], row-major; each row sums to 1. */
  readonly weights: Float32Array;
  readonly stepInSeconds: number;
}

/**
 * Attention to an utterance while a text is spelled, each letter told after the one before: for the text that was heard,
 * the attention of decoding. Undefined for a model without a speller.
 */
export async function attentionTo(
  model: ListenAttendSpell,
  { data, features }: Pick<LasSpeechConfig, 'data' | 'features'>,
  utterances: Utterances,
  place: number,
  text: string,
): Promise<Attended | undefined> {
  const { speller } = model;
  if (speller === undefined) return undefined;
  const { values, count } = await utterances.frames(place);
  const ids = [...Alphabet.of(data.language).ids(text, utterances.id(place)), END];
  const attended = tf.tidy(() => {
    const frames = tf.tensor3d(values, [1, count, featureWidth(features)]);
    const heard = model.listen(frames, tf.tensor1d([count], 'int32'));
    const memory = speller.attention.remember(heard.values, heard.lengths);
    return speller.forward(memory, tf.tensor2d(ids, [1, ids.length], 'int32')).weights; // [1, L, U]
  });
  const weights = await attended.data<'float32'>();
  attended.dispose();
  return { text, weights, stepInSeconds: (model.framesPerOutput * features.hopInMs) / 1000 };
}

/** Rows of a picture that have room for a label each. */
const MOST_LABELED_LETTERS = 50;

/** Labels of a text's letters and its end. In a long text, words are written at their first letters instead. */
export function rowLabels(text: string): string[] {
  const letters = lettersOf(text);
  if (letters.length <= MOST_LABELED_LETTERS)
    return [...letters.map((letter) => (letter === ' ' ? '␣' : letter)), '</s>'];
  const labels = text.split(' ').flatMap((word, index) => {
    const [first, ...others] = lettersOf(word).map(() => '');
    const spelled = first === undefined ? [] : [word, ...others];
    return index === 0 ? spelled : ['', ...spelled];
  });
  return [...labels, ''];
}

/** Decibels below the loudest that a spectrogram shows. */
const SHOWN_RANGE_IN_DB = 60;

/** Sound of an utterance for a picture: its log-mel spectrogram, or the features where these are given. */
export async function soundOf(
  utterances: Utterances,
  place: number,
  { bands, windowInMs, hopInMs }: LasSpeechConfig['features'],
): Promise<NonNullable<AttentionOverTimeOptions['sound']>> {
  const frameStepInSeconds = hopInMs / 1000;
  const samples = utterances.samples(place);
  if (samples === undefined) {
    const { values, count, width } = await utterances.frames(place);
    return { values, shape: [count, width], frameStepInSeconds, bandName: 'coefficient', levelName: 'value' };
  }
  const { values, count, width } = logMel(samples, SAMPLE_RATE_IN_HZ, {
    bands,
    windowInMs,
    hopInMs,
    unit: 'decibels',
    rangeInDb: SHOWN_RANGE_IN_DB,
  });
  return { values, shape: [count, width], frameStepInSeconds, bandName: 'mel band', levelName: 'level (dB)' };
}
