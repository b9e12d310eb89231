import type { Tokenizer } from '@motley/core/text';
import { type Concept, conceptsOf } from './concepts.ts';
import { imageNetSynsets } from './imagenet.ts';
import { phraseOf, withArticle } from './labels.ts';
import {
  centered,
  conceptShares,
  ensemble,
  evidenceOf,
  meanOf,
  nameProbabilities,
  type NamingOptions,
  similarities,
} from './naming.ts';
import type { SentenceEncoder } from './sentence-encoder.ts';
import { textVectors, type Vectors } from './text-vectors.ts';
import type { WordNet } from './word-net.ts';

/** Encodes texts, in their order. */
export type Encode = (texts: readonly string[]) => Promise<Vectors>;

export const encodeBy =
  (encoder: SentenceEncoder, tokenizer: Tokenizer): Encode =>
  (texts) =>
    textVectors(encoder, tokenizer, texts);

/** Nouns of a meaning that prompts use: later ones are rare or Latin. */
const NOUNS = 2;
const photoOf = (noun: string): string => `a photo of ${withArticle(noun)}.`;

/** ImageNet's classes and all that they are kinds of, as vectors of the sentence encoder. */
export interface NameSpace {
  readonly concepts: readonly Concept[];
  /** One vector a concept, centered. */
  readonly vectors: Vectors;
  /** Common part of the classes. */
  readonly mean: Float64Array;
}

/**
 * Encodes the concepts: classes by four prompts (nouns in a photo, nouns alone, the noun with its gloss, the noun with
 * its kind), more general ones by the first.
 */
export async function openNameSpace(wordNet: WordNet, encode: Encode): Promise<NameSpace> {
  const concepts = conceptsOf(wordNet, imageNetSynsets);
  const classes = concepts.slice(0, imageNetSynsets.length);
  const general = concepts.slice(imageNetSynsets.length);
  const vectors = ensemble([
    await encodeNouns(encode, classes, photoOf),
    await encodeNouns(encode, classes, (noun) => noun),
    await encode(classes.map(({ nouns: [noun], gloss }) => `${noun!}: ${gloss}`)),
    await encode(classes.map(({ nouns: [noun], kind }) => `${noun!}, a kind of ${kind!}`)),
  ]);
  const mean = meanOf(vectors, vectors.count);
  const above = await encode(general.map(({ nouns: [noun] }) => photoOf(noun!)));
  return { concepts, vectors: joined(centered(vectors, mean), centered(above, mean)), mean };
}

/** The classes by their first nouns in a photo alone: what ConSE begins with. */
export function encodePlainClasses({ concepts }: NameSpace, encode: Encode): Promise<Vectors> {
  return encode(concepts.slice(0, imageNetSynsets.length).map(({ nouns: [noun] }) => photoOf(noun!)));
}

/** The mean over the first nouns of each concept. */
async function encodeNouns(
  encode: Encode,
  concepts: readonly Concept[],
  prompt: (noun: string) => string,
): Promise<Vectors> {
  const texts = concepts.map(({ nouns }) => nouns.slice(0, NOUNS).map(prompt));
  const { values, width } = await encode(texts.flat());
  const means = new Float32Array(concepts.length * width);
  let row = 0;
  for (const [concept, { length }] of texts.entries())
    for (let noun = 0; noun < length; noun++, row++)
      for (let at = 0; at < width; at++) means[concept * width + at]! += values[row * width + at]! / length;
  return ensemble([{ values: means, count: concepts.length, width }]);
}

function joined(first: Vectors, second: Vectors): Vectors {
  const values = new Float32Array(first.values.length + second.values.length);
  values.set(first.values);
  values.set(second.values, first.values.length);
  return { values, count: first.count + second.count, width: first.width };
}

/** Labels in a photo and alone. */
export async function encodeLabels(encode: Encode, labels: readonly string[]): Promise<Vectors> {
  const phrases = labels.map(phraseOf);
  return ensemble([await encode(phrases.map(photoOf)), await encode(phrases)]);
}

/** How close each concept is to each label of `encodeLabels`: [K, L]. */
export function similarityOf({ vectors, mean }: NameSpace, labels: Vectors): Float32Array {
  return similarities(vectors, centered(labels, mean));
}

/**
 * Probabilities of labels, and last that of none of them.
 * @param probabilities of ImageNet's classes, [N, 1000]
 * @param similarity of `similarityOf`, [K, L]
 * @returns [N, L + 1]
 */
export function nameBy(
  { concepts }: NameSpace,
  probabilities: Float32Array,
  similarity: Float32Array,
  options: NamingOptions,
): Float32Array {
  const labelCount = similarity.length / concepts.length;
  const shares = conceptShares(probabilities, imageNetSynsets.length, concepts, options);
  return nameProbabilities(shares, evidenceOf(similarity, labelCount, options), concepts.length);
}
