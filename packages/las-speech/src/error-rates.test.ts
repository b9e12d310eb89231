import { readFileSync } from 'node:fs';
import { meanAndDeviation, RandomNumbers } from '@motley/run';
import { describe, expect, it } from 'vitest';
import { align, countEdits, distanceOf, type EditCounts } from './edit-distance.ts';
import {
  commonestConfusions,
  compareErrorRates,
  errorRate,
  errorRates,
  errorRatesByGroup,
  letterConfusions,
  lettersOf,
  NO_LETTER,
  rangeName,
  type Transcription,
  wordsOf,
} from './error-rates.ts';

type Measured = Record<'characters' | 'words', EditCounts & { readonly rate: number }>;

const reference = JSON.parse(readFileSync(new URL('error-rates.reference.json', import.meta.url), 'utf8')) as {
  readonly pairs: readonly [reference: string, hypothesis: string, characters: number, words: number][];
  readonly all: Measured;
  readonly written: Measured;
};
const all: Transcription[] = reference.pairs.map(([said, heard]) => ({ reference: said, hypothesis: heard }));

/** Fewest edits, and of those the most hits, by trying every alignment. */
function bruteForce(from: readonly string[], to: readonly string[]): readonly [edits: number, hits: number] {
  if (from.length === 0 || to.length === 0) return [from.length + to.length, 0];
  const [[first, ...rest], [other, ...others]] = [from, to];
  const same = Number(first === other);
  const options = [
    [bruteForce(rest, others), 1 - same, same],
    [bruteForce(rest, to), 1, 0],
    [bruteForce(from, others), 1, 0],
  ] as const;
  return options
    .map(([[edits, hits], more, hit]) => [edits + more, hits + hit] as const)
    .reduce((best, each) => (each[0] < best[0] || (each[0] === best[0] && each[1] > best[1]) ? each : best));
}

function drawTexts(count: number, most: number, letters: string): string[] {
  const random = RandomNumbers.fromSeed(3);
  return Array.from(random.integers(count, 0, most + 1), (length) =>
    Array.from(random.integers(length, 0, letters.length), (letter) => letters[letter]).join(''),
  );
}

describe('edits', () => {
  const texts = drawTexts(120, 6, 'abc').map((text) => lettersOf(text));

  it('are the fewest, with the most hits, as every alignment says', () => {
    for (const [index, text] of texts.slice(1).entries()) {
      const counts = countEdits(texts[index]!, text);
      expect([distanceOf(counts), counts.hits]).toEqual(bruteForce(texts[index]!, text));
      expect(counts.hits + counts.substitutions + counts.deletions).toBe(texts[index]!.length);
      expect(counts.hits + counts.substitutions + counts.insertions).toBe(text.length);
    }
  });

  it('are listed by an alignment that spells both texts', () => {
    for (const [index, text] of texts.slice(1).entries()) {
      const edits = align(texts[index]!, text);
      expect(edits.flatMap((edit) => edit.reference ?? [])).toEqual(texts[index]);
      expect(edits.flatMap((edit) => edit.hypothesis ?? [])).toEqual(text);
      const number = (kind: string) => edits.filter((edit) => edit.kind === kind).length;
      expect({
        hits: number('hit'),
        substitutions: number('substitution'),
        insertions: number('insertion'),
        deletions: number('deletion'),
      }).toEqual(countEdits(texts[index]!, text));
      for (const { kind, ...pair } of edits) expect(kind === 'hit').toBe(pair.reference === pair.hypothesis);
    }
  });

  it('are a distance: symmetric, and no longer by a detour', () => {
    const between = (from: number, to: number) => distanceOf(countEdits(texts[from]!, texts[to]!));
    for (let index = 2; index < texts.length; index++) {
      expect(between(index, index)).toBe(0);
      expect(between(index - 1, index)).toBe(between(index, index - 1));
      expect(between(index - 2, index)).toBeLessThanOrEqual(between(index - 2, index - 1) + between(index - 1, index));
    }
  });

  it('of texts of an hour are counted, and not listed', () => {
    const long = Array.from({ length: 16_500 }, (_, index) => String.fromCodePoint(97 + ((index * index) % 26)));
    const part = long.slice(0, 5000);
    expect(countEdits(part, ['x', ...part, 'y'])).toMatchObject({ hits: 5000, insertions: 2 });
    const reversed = long.map((letter) => letter.toUpperCase());
    expect(() => align(long, reversed)).toThrow('lengths multiply to at most 268435456, got 16500 and 16500');
  });
});

describe('error rates', () => {
  it.each(['all', 'written'] as const)('are those of jiwer, %s pairs', (name) => {
    const pairs = name === 'all' ? all : all.slice(0, 9);
    for (const unit of ['characters', 'words'] as const) {
      const { rate, length, ...counts } = errorRate(pairs, unit);
      const expected = reference[name][unit];
      expect(rate).toBeCloseTo(expected.rate, 12);
      expect(length).toBe(expected.hits + expected.substitutions + expected.deletions);
      expect(counts.insertions - counts.deletions).toBe(expected.insertions - expected.deletions);
      expect(distanceOf(counts)).toBe(distanceOf(expected));
    }
  });

  it('rest on the distances of jiwer, pair by pair', () => {
    for (const [said, heard, characters, words] of reference.pairs) {
      expect(distanceOf(countEdits(lettersOf(said), lettersOf(heard)))).toBe(characters);
      expect(distanceOf(countEdits(wordsOf(said), wordsOf(heard)))).toBe(words);
    }
  });

  it('weigh utterances by their lengths, and distances not', () => {
    const rates = errorRates([
      { reference: 'a', hypothesis: 'b' },
      { reference: 'one two three', hypothesis: 'one two three' },
    ]);
    expect(rates.characterErrorRate.value).toBe(1 / 14);
    expect(rates.wordErrorRate.value).toBe(1 / 4);
    expect(rates.meanDistance.value).toBe(0.5);
    expect(rates.utteranceErrorRate.value).toBe(0.5);
  });

  it('take an empty reference as nothing but insertions', () => {
    expect(
      errorRate(
        [
          { reference: '', hypothesis: 'ab' },
          { reference: 'abcd', hypothesis: 'abcd' },
        ],
        'characters',
      ).rate,
    ).toBe(0.5);
    for (const pairs of [[], [{ reference: '', hypothesis: 'a' }]]) {
      expect(() => errorRate(pairs, 'words')).toThrow('error rate: expected references with words, got none');
      expect(() => errorRates(pairs)).toThrow('error rate: expected references with characters, got none');
    }
  });
});

/** Utterances of ten letters, with as many errors as each number says. */
function withErrors(errors: Iterable<number>): Transcription[] {
  return Array.from(errors, (count) => ({
    reference: 'a'.repeat(10),
    hypothesis: 'b'.repeat(count) + 'a'.repeat(10 - count),
  }));
}

describe('intervals', () => {
  const drawn = RandomNumbers.fromSeed(5).integers(400, 0, 7);
  const heard = withErrors(drawn);

  it('reach 1.96 standard errors of a mean to both sides', () => {
    const { value, low, high } = errorRates(heard, { resamples: 10_000 }).meanDistance;
    const { mean, standardDeviation } = meanAndDeviation([...drawn]);
    expect(value).toBeCloseTo(mean, 12);
    expect((high - value) / (1.96 * (standardDeviation / 20))).toBeCloseTo(1, 1);
    expect((value - low) / (1.96 * (standardDeviation / 20))).toBeCloseTo(1, 1);
  });

  it('hold the truth in 95 of 100 sets', () => {
    const random = RandomNumbers.fromSeed(8);
    const held = Array.from({ length: 300 }, () =>
      errorRates(withErrors(random.integers(60, 0, 7)), { resamples: 300 }),
    );
    const share = held.filter(({ meanDistance: { low, high } }) => low <= 3 && high >= 3).length / held.length;
    expect(share).toBeGreaterThan(0.91);
    expect(share).toBeLessThan(0.985);
  });

  it('are the same for a seed, and others for another', () => {
    expect(errorRates(heard, { seed: 4 })).toEqual(errorRates(heard, { seed: 4 }));
    expect(errorRates(heard, { seed: 4 }).meanDistance).not.toEqual(errorRates(heard, { seed: 5 }).meanDistance);
  });

  it('are wider where utterances of a speaker go together', () => {
    const alike = withErrors(Array.from({ length: 400 }, (_, index) => drawn[Math.floor(index / 40)]!));
    const clusters = alike.map((_, index) => `speaker ${Math.floor(index / 40)}`);
    const width = ({ low, high }: { low: number; high: number }) => high - low;
    const alone = width(errorRates(alike).characterErrorRate);
    expect(width(errorRates(alike, { clusters }).characterErrorRate)).toBeGreaterThan(4 * alone);
    expect(() => errorRates(alike, { clusters: ['a'] })).toThrow('bootstrap: expected 400 clusters, got 1');
  });

  it('of a difference leave out what is hard for both', () => {
    const better = withErrors(drawn.map((errors, index) => Math.max(0, errors - Number(index % 10 === 0))));
    const difference = compareErrorRates(better, heard, 'characters');
    expect(difference.value).toBeCloseTo(
      errorRate(better, 'characters').rate - errorRate(heard, 'characters').rate,
      12,
    );
    expect(difference.high).toBeLessThan(0);
    expect(difference.winningShare).toBe(1);
    const own = errorRates(heard).characterErrorRate;
    expect(difference.high - difference.low).toBeLessThan((own.high - own.low) / 4);
    expect(compareErrorRates(heard, heard, 'characters')).toMatchObject({ value: 0, winningShare: 0 });
    expect(() => compareErrorRates(heard, heard.slice(1), 'words')).toThrow('the same references');
  });
});

describe('groups', () => {
  it('have their own rates, in the order in which they come', () => {
    const groups = errorRatesByGroup(all, ({ reference: said }) => rangeName(said.length, [5, 15]));
    expect([...groups.keys()].sort()).toEqual(['15 and more', '5 to 15', 'below 5']);
    const short = all.filter(({ reference: said }) => said.length < 5);
    expect(groups.get('below 5')).toEqual(errorRates(short));
    expect([...groups.values()].reduce((sum, { utterances }) => sum + utterances, 0)).toBe(all.length);
  });

  it.each([
    [-1, 'below 0'],
    [0, '0 to 10'],
    [9.9, '0 to 10'],
    [10, '10 and more'],
  ])('of the value %d: %s', (value, name) => {
    expect(rangeName(value, [0, 10])).toBe(name);
  });
});

describe('confusions', () => {
  it('count what was heard for each letter', () => {
    const { symbols, counts } = letterConfusions([
      { reference: 'bat', hypothesis: 'pat' },
      { reference: 'bat', hypothesis: 'pats' },
      { reference: 'tab', hypothesis: 'ab' },
    ]);
    expect(symbols).toEqual(['a', 'b', 'p', 's', 't', NO_LETTER]);
    const count = (said: string, heard: string) =>
      counts[symbols.indexOf(said) * symbols.length + symbols.indexOf(heard)];
    expect(count('b', 'p')).toBe(2);
    expect(count('b', 'b')).toBe(1);
    expect(count(NO_LETTER, 's')).toBe(1);
    expect(count('t', NO_LETTER)).toBe(1);
    expect(counts.reduce((sum, each) => sum + each, 0)).toBe(10);
    expect(commonestConfusions({ symbols, counts }, 1)).toEqual([{ reference: 'b', hypothesis: 'p', count: 2 }]);
  });

  it('are as many as the edits', () => {
    const confusions = letterConfusions(all);
    const edits = commonestConfusions(confusions, Infinity).reduce((sum, { count }) => sum + count, 0);
    expect(edits).toBe(distanceOf(errorRate(all, 'characters')));
  });
});
