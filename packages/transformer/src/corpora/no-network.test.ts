import { describe, expect, it } from 'vitest';
import { sentence } from '../testing/pairs.ts';
import { tokensOf } from './sentence-pair.ts';
import { TranslationMemory } from './translation-memory.ts';
import { alignWords } from './word-alignment.ts';
import { translateWords } from './word-for-word.ts';

describe('words', () => {
  it('are separated by spaces, with punctuation marks apart', () => {
    expect(tokensOf("I've seen 3 well-known men, haven't I?")).toEqual(
      "I've seen 3 well-known men , haven't I ?".split(' '),
    );
  });

  it('are aligned by co-occurrence in pairs', () => {
    const nouns = { dog: ['der', 'ein', 'Hund'], tree: ['der', 'ein', 'Baum'], cat: ['die', 'eine', 'Katze'] };
    const pairs = Object.entries(nouns).flatMap(([english, [the, a, german]]) =>
      Object.entries({ sleeps: 'schläft', waits: 'wartet' }).flatMap(([verb, tuwort]) => [
        sentence(`The ${english} ${verb}.`, `${the} ${german} ${tuwort}.`),
        sentence(`A ${english} ${verb}.`, `${a} ${german} ${tuwort}.`),
      ]),
    );
    const words = alignWords(pairs);
    const expected = { dog: 'Hund', tree: 'Baum', cat: 'Katze', sleeps: 'schläft', waits: 'wartet', '.': '.' };
    expect(Object.fromEntries(Object.keys(expected).map((word) => [word, words.get(word)]))).toEqual(expected);
  });

  it('are translated one by one; unknown words stay', () => {
    const words = new Map(Object.entries({ the: 'der', dog: 'Hund', sees: 'sieht' }));
    expect(translateWords('The dog sees Zorro, the dog.', words)).toBe('Der Hund sieht Zorro, der Hund.');
  });
});

describe('TranslationMemory', () => {
  const memory = new TranslationMemory([
    sentence('The dog is in the garden.', '1'),
    sentence('The dog is in the house with the dog.', '2'),
    sentence('A cat sleeps.', '3'),
    sentence('A cat sleeps.', '4'),
  ]);

  it.each([
    ['The dog is in the garden.', '1'],
    ['the GARDEN', '1'],
    ['dog, house, dog!', '2'],
    ['A cat sleeps.', '3'],
    ['Nothing known', '1'],
  ])('has for %j the pair %s', (english, german) => {
    expect(memory.nearest(english).german).toBe(german);
  });
});
