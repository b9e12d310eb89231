import { type RandomNumbers, UserError } from '@motley/run';
import type { Corpus, CorpusText } from './corpus.ts';

/** Parts of a corpus. */
interface Parts {
  readonly training: readonly CorpusText[];
  readonly validation: readonly CorpusText[];
  readonly test: readonly CorpusText[];
}

/**
 * Splits a corpus at random, class by class, so that each part has the same shares of classes.
 * @param heldOut share of the validation part, and of the test part
 */
export function splitTexts({ classNames, texts }: Corpus, heldOut: number, random: RandomNumbers): Parts {
  const parts = { training: [] as CorpusText[], validation: [] as CorpusText[], test: [] as CorpusText[] };
  for (const label of classNames.keys()) {
    const own = random.fork(label).shuffle(texts.filter((text) => text.label === label));
    const count = Math.round(heldOut * own.length);
    append(parts.test, own.slice(0, count));
    append(parts.validation, own.slice(count, 2 * count));
    append(parts.training, own.slice(2 * count));
  }
  return parts;
}

/**
 * Splits a corpus so that no speaker is in two parts. Of each class, whole speakers go to the test part and then to the
 * validation part, in a random order, until each has its share of the texts.
 * @throws UserError naming a class with fewer than three speakers
 */
export function splitSpeakers({ classNames, texts }: Corpus, heldOut: number, random: RandomNumbers): Parts {
  const parts = { training: [] as CorpusText[], validation: [] as CorpusText[], test: [] as CorpusText[] };
  // A speaker who changed sides belongs to the class of most of the speaker's texts.
  const speakers = new Map<string, CorpusText[]>();
  for (const text of texts) {
    const own = speakers.get(text.speaker);
    if (own === undefined) speakers.set(text.speaker, [text]);
    else own.push(text);
  }
  for (const [label, name] of classNames.entries()) {
    const own = [...speakers.values()].filter((each) => mainLabel(each) === label);
    if (own.length < 3)
      throw new UserError(
        `data.split: expected three speakers or more of each class to hold some out, found ${own.length} of ${name}`,
      );
    const total = own.reduce((sum, each) => sum + each.length, 0);
    const order = random.fork(label).shuffle(own);
    for (const part of ['test', 'validation'] as const) {
      let taken = 0;
      // One speaker at least for this part, and one for each that follows.
      const left = part === 'test' ? 2 : 1;
      while (order.length > left && (taken === 0 || taken + order[0]!.length / 2 <= heldOut * total)) {
        const next = order.shift()!;
        taken += next.length;
        append(parts[part], next);
      }
    }
    for (const each of order) append(parts.training, each);
  }
  return parts;
}

function mainLabel(texts: readonly CorpusText[]): number {
  const counts = new Map<number, number>();
  for (const { label } of texts) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts].sort(([a, countOfA], [b, countOfB]) => countOfB - countOfA || a - b)[0]![0];
}

function append<T>(target: T[], values: readonly T[]): void {
  for (const value of values) target.push(value);
}
