import { describe, expect, it } from 'vitest';
import { centralSentence, commonestSentence } from './deaf.ts';

describe('a deaf guess', () => {
  const sentences = ['a cat', 'a dog', 'a cat', 'a cow', 'the hen and the pig and the very old goat'];

  it('is the commonest sentence', () => {
    expect(commonestSentence(sentences)).toBe('a cat');
    expect(commonestSentence([])).toBe('');
  });

  it('is the sentence nearest to all, one of them', () => {
    const nearest = { sentence: 'a cow', meanDistance: 1.5 };
    expect(centralSentence(['a cat', 'a dog', 'a cow', 'a pot'])).toEqual(nearest);
    expect(centralSentence(['a cat', 'a dog', 'a cow', 'a pot'], { candidates: 1, sample: 2 })).toEqual({
      sentence: 'a cat',
      meanDistance: 1,
    });
  });

  it('is nothing where sentences have nothing in common', () => {
    expect(centralSentence(['abc', 'def', 'ghi', 'jkl'], { candidates: 0 })).toEqual({ sentence: '', meanDistance: 3 });
  });
});
