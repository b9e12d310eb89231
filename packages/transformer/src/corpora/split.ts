import { UserError, type RandomStream } from '@motley/core';
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
  const drawn = Array.from(random.permutation(pairs.length), (index) => pairs[index]!);
  const test = drawn.filter(({ kind }) => kind === 'sentence').slice(0, count);
  const isNearTest = nearnessTo(test);
  const rest = drawn.filter((pair) => !isNearTest(pair));
  const validation = rest.filter(({ kind }) => kind === 'sentence').slice(0, count);
  const isNearValidation = nearnessTo(validation);
  const training = rest.filter((pair) => !isNearValidation(pair));
  if (validation.length < count || training.length === 0)
    throw new UserError(
      `data.heldOut: expected fewer: ${drawn.filter(({ kind }) => kind === 'sentence').length} sentences are too few to hold out ${count} for validation and ${count} for the test, with no near copies elsewhere`,
    );
  return { training, validation, test };
}

/** Whether a pair is near to one of `pairs` (itself among them), in English or in German. */
export function nearnessTo(pairs: readonly SentencePair[]): (pair: SentencePair) => boolean {
  const [english, german] = [
    new NearTexts(pairs.map((pair) => pair.english)),
    new NearTexts(pairs.map((pair) => pair.german)),
  ];
  return (pair) => english.hasNear(pair.english) || german.hasNear(pair.german);
}

class NearTexts {
  readonly #sizes: readonly number[];
  /** Texts by word. */
  readonly #having = new Map<string, number[]>();
  /** By text, how many words a query has in common with it. */
  readonly #common: Uint32Array;

  constructor(texts: readonly string[]) {
    const all = texts.map((text) => distinctWords(text));
    this.#sizes = all.map((words) => words.length);
    this.#common = new Uint32Array(texts.length);
    for (const [index, words] of all.entries())
      for (const word of words) {
        const having = this.#having.get(word);
        if (having === undefined) this.#having.set(word, [index]);
        else having.push(index);
      }
  }

  hasNear(text: string): boolean {
    const words = distinctWords(text);
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
