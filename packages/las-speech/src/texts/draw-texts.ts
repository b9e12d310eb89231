import type { Grammar } from '@motley/core/generators';
import { largest, UserError, type RandomNumbers } from '@motley/run';

/** Where a text comes from. */
export const TEXT_KINDS = ['grammar', 'book', 'words'] as const;
export type TextKind = (typeof TEXT_KINDS)[number];

interface SpokenText {
  readonly text: string;
  readonly kind: TextKind;
}

/** Numbers of texts. */
export interface TextCounts {
  readonly training: number;
  readonly validation: number;
  readonly test: number;
  readonly unseenWords: number;
  readonly isolatedWords: number;
  readonly long: number;
}

/** Texts of each set. No text that is held out is in another set, but for isolated words. */
export interface TextSets {
  readonly training: readonly SpokenText[];
  /** Like the test. */
  readonly validation: readonly SpokenText[];
  /** New sentences, new clauses, and new lists of words that the training's lists have. */
  readonly test: readonly SpokenText[];
  /** Lists of words that are in no other text. */
  readonly unseenWords: readonly SpokenText[];
  /** Single words of the training's lists of words. */
  readonly isolatedWords: readonly string[];
  /** Clauses joined by spaces, at least three times as long as the longest text of the training. */
  readonly long: readonly SpokenText[];
}

export interface TextSources {
  readonly grammar: Grammar;
  /** Clauses of a book, each once. */
  readonly clauses: readonly string[];
  /** Words of a dictionary, each once. */
  readonly words: readonly string[];
}

/** Share of the dictionary's words that is kept for the test of unseen words. */
const UNSEEN_SHARE = 1 / 8;
/** Characters of a list of words: one to three seconds. */
const [LEAST_CHARACTERS, MOST_CHARACTERS] = [16, 46];
/** Characters of a long text, relative to the longest one of the training. */
const LONG_FACTOR = 3;
/** Draws in a row that were drawn before. */
const MOST_REPETITIONS = 1000;

/**
 * Draws texts, a third each from a grammar, a book and a dictionary. Lists of random words leave nothing for a language
 * model to guess.
 * @throws UserError where the book or the dictionary has too few texts
 */
export function drawTexts(
  { grammar, clauses, words }: TextSources,
  counts: TextCounts,
  random: RandomNumbers,
): TextSets {
  const elsewhere = new Set([...grammar.words, ...clauses.flatMap((clause) => clause.split(' '))]);
  const order = random.fork('words').shuffle(words.map((word) => word));
  const unseen = order.filter((word) => !elsewhere.has(word)).slice(0, Math.floor(UNSEEN_SHARE * words.length));
  const reserved = new Set(unseen);
  const seen = order.filter((word) => !reserved.has(word));
  if (seen.length === 0 || unseen.length === 0)
    throw new UserError(`dictionary: expected words inside and outside the book, found ${words.length} words`);

  const training = new Set<string>();
  const heldOut = new Set<string>();
  /** Texts of the training may come twice, as the grammar has them. Those held out are new. */
  const isNew = (text: string): boolean => !training.has(text) && !heldOut.has(text);
  const newText = (what: string, draw: () => string): string => {
    for (let tries = 0; tries < MOST_REPETITIONS; tries++) {
      const text = draw();
      if (isNew(text)) return text;
    }
    throw new UserError(`${what}: expected more texts that differ from ${training.size + heldOut.size} others`);
  };
  const book = random.fork('book').shuffle([...clauses]);
  const [ofGrammar, ofSeen, ofUnseen] = ['grammar', 'seen', 'unseen'].map((name) => random.fork(name)) as [
    RandomNumbers,
    RandomNumbers,
    RandomNumbers,
  ];
  const nextClause = (): string => {
    const clause = book.pop();
    if (clause === undefined) throw new UserError(`book: expected more clauses than ${clauses.length}`);
    return clause;
  };
  let learnedWords: readonly string[] = seen;
  const drawers: Readonly<Record<TextKind, () => string>> = {
    grammar: () => grammar.draw(ofGrammar).join(' '),
    book: nextClause,
    words: () => wordList(learnedWords, ofSeen),
  };
  const mixed = (count: number, into: Set<string>): SpokenText[] =>
    Array.from({ length: count }, (_, index) => {
      const kind = TEXT_KINDS[index % TEXT_KINDS.length]!;
      const text = into === training ? drawers[kind]() : newText(kind, drawers[kind]);
      into.add(text);
      return { text, kind };
    });

  const learned = mixed(counts.training, training);
  const leastLong = LONG_FACTOR * largest(learned.map(({ text }) => text.length));
  // Lists that are held out have words of the training in another order: words that it lacks are a test of their own.
  const spoken = new Set(learned.flatMap(({ text, kind }) => (kind === 'words' ? text.split(' ') : [])));
  learnedWords = seen.filter((word) => spoken.has(word));
  return {
    training: learned,
    validation: mixed(counts.validation, heldOut),
    test: mixed(counts.test, heldOut),
    unseenWords: Array.from({ length: counts.unseenWords }, () => {
      const text = newText('unseen words', () => wordList(unseen, ofUnseen));
      heldOut.add(text);
      return { text, kind: 'words' };
    }),
    isolatedWords: learnedWords.slice(0, counts.isolatedWords),
    long: Array.from({ length: counts.long }, () => {
      let text = nextClause();
      while (text.length < leastLong) text += ` ${nextClause()}`;
      return { text, kind: 'book' };
    }),
  };
}

/** Random words, one to five of them. */
function wordList(words: readonly string[], random: RandomNumbers): string {
  const drawn = random.integers(8, 0, words.length);
  const goal = random.integers(1, LEAST_CHARACTERS, MOST_CHARACTERS + 1)[0]!;
  let text = words[drawn[0]!]!;
  for (const index of drawn.subarray(1)) {
    const longer = `${text} ${words[index]!}`;
    if (longer.length > goal) break;
    text = longer;
  }
  return text;
}
