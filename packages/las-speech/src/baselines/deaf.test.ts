import { describe, expect, it } from 'vitest';
import { errorRate } from '../error-rates.ts';
import { deafBaselines } from './deaf-baselines.ts';
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

describe('deafBaselines', () => {
  const training = ['the cat sat', 'the cat ran', 'a dog sat', 'the cat sat', 'a cow ran'];
  const baselines = deafBaselines(
    { training, validation: ['the cow sat', 'a cat ran'], tests: { same: ['the cat sat'], other: ['xyz xyz xyz'] } },
    { letters: 'abcdefghijklmnopqrstuvwxyz', orders: [1, 3], resamples: 10 },
  );

  it('measure each guess on each set', () => {
    expect(baselines.guesses).toMatchObject({ commonest: 'the cat sat', central: 'the cat sat' });
    expect(baselines.tests.same!.commonest.characterErrorRate.value).toBe(0);
    expect(baselines.tests.other!.commonest.wordErrorRate.value).toBe(1);
    const { languageModel } = baselines.guesses;
    const expected = errorRate([{ reference: 'xyz xyz xyz', hypothesis: languageModel }], 'characters').rate;
    expect(baselines.tests.other!.languageModel.characterErrorRate.value).toBe(expected);
  });

  it('choose the order by the validation, and know less of other texts', () => {
    expect(baselines.order).toBe(3);
    expect(baselines.tests.other!.bitsPerCharacter).toBeGreaterThan(2 * baselines.tests.same!.bitsPerCharacter);
  });
});
