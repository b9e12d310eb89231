import { RandomStream } from '@motley/core';
import { describe, expect, it } from 'vitest';
import { phrase, sentence } from '../testing/pairs.ts';
import { wordsOf, type SentencePair } from './sentence-pair.ts';
import { nearDuplicateOf, splitPairs } from './split.ts';

describe('near-duplicates', () => {
  const isNear = nearDuplicateOf([
    sentence('He has read the whole book in a day.', 'Er hat das ganze Buch an einem Tag gelesen.'),
  ]);

  it.each([
    ['the same English', 'He has read the whole book in a day.', 'Anders gesagt.'],
    ['the same English but for case and punctuation', 'he has read the whole book, in a day', 'Anders gesagt.'],
    ['one word more', 'He has read the whole old book in a day.', 'Anders gesagt.'],
    ['the same German', 'Quite another thing.', 'Er hat das ganze Buch an einem Tag gelesen.'],
    ['German with a word changed', 'Quite another thing.', 'Er hat das ganze Heft an einem Tag gelesen.'],
  ])('%s', (_, english, german) => {
    expect(isNear(sentence(english, german))).toBe(true);
  });

  it.each([
    ['half of it', 'He has read it.', 'Er hat es gelesen.'],
    ['other words', 'She sold her car.', 'Sie hat ihr Auto verkauft.'],
  ])('%s is none', (_, english, german) => {
    expect(isNear(sentence(english, german))).toBe(false);
  });

  it('include identical texts without words', () => {
    expect(nearDuplicateOf([sentence('?!', '!?')])(sentence('?!', 'Was?'))).toBe(true);
    expect(nearDuplicateOf([sentence('?!', '!?')])(sentence('!', 'Was?'))).toBe(false);
  });
});

describe('splitPairs', () => {
  const subjects = ['cats', 'dogs', 'birds', 'cows', 'men', 'girls', 'boys', 'judges', 'bakers', 'kings'];
  const verbs = ['see', 'hear', 'like', 'know', 'paint', 'find', 'miss', 'help'];
  const pairs: SentencePair[] = subjects.flatMap((subject, index) =>
    verbs.flatMap((verb, place) => [
      sentence(`My ${subject} ${verb} place ${index}.`, `Meine ${subject} ${verb} Ort ${index} und ${place}.`),
      phrase(`to ${verb} ${subject}`, `${subject} ${verb}en`),
    ]),
  );
  const split = splitPairs(pairs, 10, RandomStream.fromSeed(3));

  it('holds sentences out, with no near-duplicates in the other parts', () => {
    expect([split.test.length, split.validation.length]).toEqual([10, 10]);
    expect([...split.test, ...split.validation].every(({ kind }) => kind === 'sentence')).toBe(true);
    expect(split.training.some(({ kind }) => kind === 'phrase')).toBe(true);
    const share = (one: string, other: string): number => {
      const [a, b] = [new Set(wordsOf(one)), new Set(wordsOf(other))];
      return [...a].filter((word) => b.has(word)).length / new Set([...a, ...b]).size;
    };
    for (const [held, others] of [
      [split.test, [...split.training, ...split.validation]],
      [split.validation, split.training],
    ] as const)
      for (const one of held)
        for (const other of others)
          expect(Math.max(share(one.english, other.english), share(one.german, other.german))).toBeLessThan(0.75);
    // Near copies were left out of training, and nothing else.
    const known = new Set([...split.training, ...split.validation, ...split.test]);
    const isNear = nearDuplicateOf([...split.test, ...split.validation]);
    expect(pairs.filter((pair) => !known.has(pair)).every((pair) => isNear(pair))).toBe(true);
  });

  it('depends on the seed', () => {
    expect(splitPairs(pairs, 10, RandomStream.fromSeed(3))).toEqual(split);
    expect(splitPairs(pairs, 10, RandomStream.fromSeed(4)).test).not.toEqual(split.test);
  });

  it('refuses too few sentences', () => {
    expect(() => splitPairs(pairs, 41, RandomStream.fromSeed(3))).toThrow(
      'data.heldOut: expected fewer: 80 sentences are too few to hold out 41 for validation and 41 for the test',
    );
  });
});
