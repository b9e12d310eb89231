import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Frames } from '@motley/core/audio';
import { loadNpy } from '@motley/core/node';
import { shown, UserError } from '@motley/run';
import { isClutter, reasonOf } from '@motley/run/node';
import { Alphabet } from '../alphabet.ts';

const MOST_FEATURE_BYTES = 2 ** 28;
const MOST_TEXT_BYTES = 2 ** 22;
const ENDING = '.npy';
const BEGIN_WORD = '<sos>';
const END_WORD = '<eos>';
const alphabet = Alphabet.of('english');

/** Utterances of which features are given, not samples. */
export interface FeatureCollection {
  readonly utterances: readonly FeatureUtterance[];
  /**
   * Reads the features of an utterance, float32 [T, D].
   * @param width D that is expected, if any
   * @throws UserError naming the file, for features of another shape or width, or that are not finite
   */
  features(index: number, width?: number): Promise<Frames>;
}

export interface FeatureUtterance {
  readonly id: string;
  readonly text: string;
  readonly file: string;
}

/**
 * Lists a folder of `mfcc/*.npy`, float [T, D], and `transcript/*.npy`, arrays of single characters between `<sos>` and
 * `<eos>`: the format in which courses on deep learning hand out LibriSpeech.
 * @throws UserError naming the file, for features without transcript, the reverse, and letters that the alphabet lacks
 */
export async function loadFeatureFolder(folder: string): Promise<FeatureCollection> {
  const [featureFolder, textFolder] = [join(folder, 'mfcc'), join(folder, 'transcript')];
  const [features, texts] = [await npyNames(featureFolder), await npyNames(textFolder)];
  const [known, transcribed] = [new Set(features), new Set(texts)];
  const silent = features.find((name) => !transcribed.has(name));
  if (silent !== undefined)
    throw new UserError(`${join(featureFolder, silent)}: expected a transcript in ${textFolder}, found none`);
  const unheard = texts.find((name) => !known.has(name));
  if (unheard !== undefined)
    throw new UserError(`${join(textFolder, unheard)}: expected features in ${featureFolder}, found none`);
  if (features.length === 0) throw new UserError(`${featureFolder}: expected .npy files, found none`);
  const utterances: FeatureUtterance[] = [];
  for (const name of features)
    utterances.push({
      id: name.slice(0, -ENDING.length),
      text: await readTranscript(join(textFolder, name)),
      file: join(featureFolder, name),
    });
  return {
    utterances,
    features: (index, width) => {
      const utterance = utterances[index];
      if (utterance === undefined)
        throw new RangeError(`features: expected an index below ${utterances.length}, got ${index}`);
      return readFeatures(utterance.file, width);
    },
  };
}

async function npyNames(folder: string): Promise<string[]> {
  try {
    const names = await readdir(folder);
    return names.filter((name) => name.endsWith(ENDING) && !isClutter(name)).sort();
  } catch (error) {
    throw new UserError(`${folder}: expected a folder of .npy files, found: ${reasonOf(error)}`, { cause: error });
  }
}

async function readTranscript(path: string): Promise<string> {
  const { shape, values } = await loadNpy(path, MOST_TEXT_BYTES);
  if (values instanceof Float32Array || shape.length !== 1)
    throw new UserError(
      `${path}: expected characters of shape [N], found ${values instanceof Float32Array ? 'numbers' : 'text'} of shape [${shape.join(', ')}]`,
    );
  const begin = values[0] === BEGIN_WORD ? 1 : 0;
  const end = values.length - (values.at(-1) === END_WORD ? 1 : 0);
  const letters = values.slice(begin, end).map((value) => value.toLowerCase());
  for (const [index, letter] of letters.entries())
    if (!alphabet.has(letter))
      throw new UserError(
        `${path}: value ${begin + index}: expected one of "${alphabet.letters}", found ${shown(letter)}`,
      );
  return letters.join('').replace(/ +/g, ' ').trim();
}

/**
 * Reads the features of an utterance, float32 [T, D].
 * @param expected D that is expected, if any
 * @throws UserError naming the file, for features of another shape or width, or that are not finite
 */
export async function readFeatures(path: string, expected?: number): Promise<Frames> {
  const { shape, values } = await loadNpy(path, MOST_FEATURE_BYTES);
  const [count, width] = shape;
  if (!(values instanceof Float32Array) || shape.length !== 2 || count === 0 || width === 0)
    throw new UserError(
      `${path}: expected floats of shape [T, ${expected ?? 'D'}], found ${values instanceof Float32Array ? 'floats' : 'text'} of shape [${shape.join(', ')}]`,
    );
  if (expected !== undefined && width !== expected)
    throw new UserError(`${path}: expected features of width ${expected}, found ${width!}`);
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0)
    throw new UserError(
      `${path}: frame ${Math.floor(bad / width!)}: expected finite features, found ${values[bad]!} at place ${bad % width!}`,
    );
  return { values, count: count!, width: width! };
}
