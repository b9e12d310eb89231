import type { RandomStream } from '@motley/core';
import { UserError } from '@motley/run';
import { wordsOf, type SentencePair } from './sentence-pair.ts';

/** Two texts are near copies where so large a share of all their different words is in both. */
const NEAR = 0.75;

export interface Split {
  readonly training: readonly SentencePair[];
  readonly validation: readonly SentencePair[];
  readonly test: readonly SentencePair[];
}

/**
 * Test and validation sentences drawn from `pairs`, the rest for training, but what is near to a held-out pair in either
 * language: a pair is on one side only, and so are its near copies.
 * @param count held-out sentences of each kind
 * @throws UserError where there are too few sentences
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
      `data.heldOut: expected fewer: ${pairs.filter(({ kind }) => kind === 'sentence').length} sentences are too few to hold out ${count} for validation and ${count} for the test, with no near copies elsewhere`,
    );
  const [ofTraining, ofValidation, ofTest] = [training, validation, test].map((each) => each.map(({ pair }) => pair));
  return { training: ofTraining!, validation: ofValidation!, test: ofTest! };
}

/** Whether a pair is near to one of `pairs` (itself among them), in English or in German. */
export function nearnessTo(pairs: readonly SentencePair[]): (pair: SentencePair) => boolean {
  const index = new NearPairs(pairs.map((pair) => worded(pair)));
  return (pair) => index.hasNear(worded(pair));
}

/** A pair and the different words of its sides. */
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
  /** Texts by word. */
  readonly #having = new Map<string, number[]>();
  /** By text, how many words a query has in common with it. */
  readonly #common: Uint32Array;

  /** @param texts different words of each */
  constructor(texts: readonly (readonly string[])[]) {
    this.#sizes = texts.map((words) => words.length);
    this.#common = new Uint32Array(texts.length);
    for (const [index, words] of texts.entries())
      for (const word of words) {
        const having = this.#having.get(word);
        if (having === undefined) this.#having.set(word, [index]);
        else having.push(index);
      }
  }

  hasNear(words: readonly string[]): boolean {
    this.#common.fill(0);
    for (const word of words)
      for (const index of this.#having.get(word) ?? []) {
        const count = ++this.#common[index]!;
        if (count >= NEAR * (words.length + this.#sizes[index]! - count)) return true;
      }
    return false;
  }
}

/** A text without letters or digits is a word of its own. */
function distinctWords(text: string): string[] {
  const words = wordsOf(text);
  return words.length === 0 ? [text.trim()] : [...new Set(words)];
}
