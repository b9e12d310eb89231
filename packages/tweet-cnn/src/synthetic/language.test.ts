import { RandomNumbers } from '@motley/run';
import { describe, expect, it } from 'vitest';
import { textAt } from '../labeled-texts.ts';
import { smallLanguage } from '../testing/small.ts';
import { FIRST_WORD, type Language } from './language.ts';
import { logLikelihood, posterior } from './posterior.ts';
import { inventedWords } from './words.ts';

/** Probability of a text by all ways to cut it into background words and phrases. */
function bruteForce(language: Language, words: readonly number[], label: number, place = 0): number {
  const { groups, synonyms, phraseRate, largestGap } = language.settings;
  if (place === words.length) return 1;
  const background = language.backgroundOf(label);
  const hasRoom = place + 2 + largestGap <= words.length;
  let sum = (hasRoom ? 1 - phraseRate : 1) * background[words[place]!]! * bruteForce(language, words, label, place + 1);
  for (let gap = 0; hasRoom && gap <= largestGap; gap++) {
    const [first, second] = [words[place]!, words[place + 1 + gap]!];
    const group = language.firstGroups[first]!;
    if (group < 0 || language.partners[label * groups + group] !== language.secondGroups[second]) continue;
    const between = words.slice(place + 1, place + 1 + gap).reduce((product, word) => product * background[word]!, 1);
    const phrase = (phraseRate / (largestGap + 1)) * (1 / groups) * (1 / synonyms) ** 2 * between;
    sum += phrase * bruteForce(language, words, label, place + 2 + gap);
  }
  return sum;
}

/** All texts of a length. */
function* allTexts(words: number, length: number): Generator<number[]> {
  if (length === 0) yield [];
  else for (const rest of allTexts(words, length - 1)) for (let word = 0; word < words; word++) yield [...rest, word];
}

describe('the exact posterior', () => {
  it.each([0, 2])('equals the sum over all ways to cut a text, with gaps up to %i', (largestGap) => {
    const language = smallLanguage({ largestGap });
    let total = 0;
    let texts = 0;
    for (const words of allTexts(language.wordCount, 5)) {
      const symbols = Int32Array.from(words, (word) => word + FIRST_WORD);
      const expected = [0, 1, 2].map((label) => bruteForce(language, words, label));
      total += expected[0]!;
      // Every text enters the sum; a part of them suffices for the comparison.
      if (texts++ % 7 !== 0) continue;
      const found = posterior(language, symbols);
      const sum = expected.reduce((all, each) => all + each, 0);
      for (const [label, value] of expected.entries()) {
        expect(Math.exp(logLikelihood(language, symbols, label))).toBeCloseTo(value, 12);
        expect(found[label]).toBeCloseTo(value / sum, 10);
      }
    }
    // The probabilities of all texts of a length sum to 1.
    expect(total).toBeCloseTo(1, 10);
  });

  it('is calibrated on texts that the language draws', () => {
    const language = smallLanguage({ groups: 4, synonyms: 2, backgroundWords: 20, lengths: [4, 12] });
    const texts = language.draw(4000, RandomNumbers.fromSeed(2));
    let [sure, right] = [0, 0];
    for (const [row, label] of texts.labels.entries()) {
      const probabilities = posterior(language, textAt(texts, row));
      const best = probabilities.indexOf(Math.max(probabilities[0]!, probabilities[1]!, probabilities[2]!));
      sure += probabilities[best]!;
      right += Number(best === label);
    }
    expect(right / 4000).toBeGreaterThan(0.5);
    expect(Math.abs(sure - right) / 4000).toBeLessThan(0.02);
  });
});

describe('the language', () => {
  it('draws the same texts for the same seed, of all lengths, and pads them', () => {
    const language = smallLanguage({ lengths: [2, 6] });
    const draw = (seed: number) => language.draw(300, RandomNumbers.fromSeed(seed));
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1).symbols).not.toEqual(draw(2).symbols);
    const texts = draw(1);
    const lengths = Array.from({ length: 300 }, (_, row) => textAt(texts, row).length);
    expect([...new Set(lengths)].sort()).toEqual([2, 3, 4, 5, 6]);
    for (let row = 0; row < 300; row++)
      expect(texts.symbols.subarray(row * 6 + lengths[row]!, (row + 1) * 6).every((symbol) => symbol === 0)).toBe(true);
  });

  it('pairs the groups of each class by a permutation', () => {
    const { partners } = smallLanguage({ groups: 5 });
    for (let label = 0; label < 3; label++)
      expect([...partners.slice(5 * label, 5 * label + 5)].sort()).toEqual([0, 1, 2, 3, 4]);
  });

  it('has a name for each word', () => {
    expect(new Set(inventedWords(6000)).size).toBe(6000);
  });
});
