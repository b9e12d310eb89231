import type { RandomStream } from '@motley/core';
import { UserError } from '@motley/run';
import { wordsOf, type SentencePair } from './sentence-pair.ts';

/** Two texts are near-duplicates if the Jaccard similarity of their sets of words reaches this. */
const NEAR_DUPLICATE_SIMILARITY = 0.75;

export interface Split {
  readonly training: readonly SentencePair[];
  readonly validation: readonly SentencePair[];
  readonly test: readonly SentencePair[];
}

/**
 * Draws test and validation sentences from `pairs`; the rest is for training. Near-duplicates of a held-out pair, in
 * either language, are left out of the other parts.
 * @param count number of test sentences, and of validation sentences
 * @throws UserError if there are too few sentences
 */
export function splitPairs(pairs: readonly SentencePair[], count: number, random: RandomStream): Split {
  const drawn = Array.from(random.permutation(pairs.length), (index) => worded(pairs[index]!));
  const heldOut = (from: readonly Worded[]): readonly Worded[] =>
    from.filter(({ pair }) => pair.kind === 'sentence').slice(0, count);
  const without = (from: readonly Worded[], held: readonly Worded[]): readonly Worded[] => {
    const index = new NearPairs(held);
    return from.filter((each) => !index.hasNear(each));
  };
  const test = heldOut(drawn);
  const rest = without(drawn, test);
  const validation = heldOut(rest);
  const training = without(rest, validation);
  if (validation.length < count || training.length === 0)
    throw new UserError(
      `data.heldOut: expected fewer: ${pairs.filter(({ kind }) => kind === 'sentence').length} sentences are too few to hold out ${count} for validation and ${count} for the test without near-duplicates elsewhere`,
    );
  const [ofTraining, ofValidation, ofTest] = [training, validation, test].map((each) => each.map(({ pair }) => pair));
  return { training: ofTraining!, validation: ofValidation!, test: ofTest! };
}

/** Whether a pair is a near-duplicate of one of `pairs`, or one of them, in English or in German. */
export function nearDuplicateOf(pairs: readonly SentencePair[]): (pair: SentencePair) => boolean {
  const index = new NearPairs(pairs.map((pair) => worded(pair)));
  return (pair) => index.hasNear(worded(pair));
}

/** A pair and the distinct words of each side. */
interface Worded {
  readonly pair: SentencePair;
  readonly english: readonly string[];
  readonly german: readonly string[];
}

function worded(pair: SentencePair): Worded {
  return { pair, english: distinctWords(pair.english), german: distinctWords(pair.german) };
}

class NearPairs {
  readonly #english: NearTexts;
  readonly #german: NearTexts;

  constructor(pairs: readonly Worded[]) {
    this.#english = new NearTexts(pairs.map(({ english }) => english));
    this.#german = new NearTexts(pairs.map(({ german }) => german));
  }

  hasNear({ english, german }: Worded): boolean {
    return this.#english.hasNear(english) || this.#german.hasNear(german);
  }
}

class NearTexts {
  readonly #sizes: readonly number[];
  /** Indices of the texts that contain a word. */
  readonly #textsByWord = new Map<string, number[]>();
  /** Number of words that each text shares with the current query. */
  readonly #common: Uint32Array;

  /** @param texts distinct words of each text */
  constructor(texts: readonly (readonly string[])[]) {
    this.#sizes = texts.map((words) => words.length);
    this.#common = new Uint32Array(texts.length);
    for (const [index, words] of texts.entries())
      for (const word of words) {
        const having = this.#textsByWord.get(word);
        if (having === undefined) this.#textsByWord.set(word, [index]);
        else having.push(index);
      }
  }

  hasNear(words: readonly string[]): boolean {
    this.#common.fill(0);
    for (const word of words)
      for (const index of this.#textsByWord.get(word) ?? []) {
        const count = ++this.#common[index]!;
        if (count >= NEAR_DUPLICATE_SIMILARITY * (words.length + this.#sizes[index]! - count)) return true;
      }
    return false;
  }
}

/** Distinct words; a text without letters or digits counts as one word. */
function distinctWords(text: string): string[] {
  const words = wordsOf(text);
  return words.length === 0 ? [text.trim()] : [...new Set(words)];
}
