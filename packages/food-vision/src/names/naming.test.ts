import { describe, expect, it } from 'vitest';
import { conceptsOf } from './concepts.ts';
import {
  centered,
  conceptShares,
  conse,
  ensemble,
  evidenceOf,
  meanOf,
  nameProbabilities,
  similarities,
} from './naming.ts';
import { rankingOf, shareAbove } from './ranking.ts';
import type { Vectors } from './text-vectors.ts';
import { type Meaning, WordNet } from './word-net.ts';

const vectors = (...rows: number[][]): Vectors => ({
  values: Float32Array.from(rows.flat()),
  count: rows.length,
  width: rows[0]!.length,
});
const rounded = (values: ArrayLike<number>) => Array.from(values, (value) => Number(value.toFixed(4)));

describe('vectors', () => {
  it('have similarities, means, and ensembles of length 1', () => {
    const table = vectors([3, 0], [0, 1]);
    expect([...similarities(table, vectors([1, 2]))]).toEqual([3, 2]);
    expect([...meanOf(table, 2)]).toEqual([1.5, 0.5]);
    expect(rounded(centered(table, meanOf(table, 2)).values)).toEqual([0.9487, -0.3162, -0.9487, 0.3162]);
    expect(rounded(ensemble([table, vectors([1, 3], [0, 0])]).values)).toEqual([0.8, 0.6, 0, 1]);
    expect(() => ensemble([])).toThrow(RangeError);
  });
});

describe('ConSE', () => {
  it('is the cosine of the mean of the classes by their probabilities', () => {
    const classes = vectors([1, 0], [0, 1]);
    const found = conse(Float32Array.of(0.6, 0.8, 1, 0), classes, vectors([0, 1], [1, 0]));
    expect(rounded(found)).toEqual([0.8, 0.6, 0, 1]);
  });

  it('uses the ten most probable classes', () => {
    const classes = vectors(...Array.from({ length: 11 }, (_, place) => [place === 10 ? 1 : 0, 1]));
    const probabilities = Float32Array.from({ length: 11 }, (_, place) => (place === 10 ? 0.05 : 0.095));
    expect(rounded(conse(probabilities, classes, vectors([1, 0])))).toEqual([0]);
  });
});

const meaning = (offset: number, noun: string, ...parents: number[]): readonly [number, Meaning] => [
  offset,
  { offset, nouns: [noun], gloss: '', parents },
];
const wordNet = new WordNet(
  new Map([
    meaning(1, 'thing'),
    meaning(2, 'fruit', 1),
    meaning(3, 'apple', 2),
    meaning(4, 'pear', 2, 1),
    meaning(5, 'knife', 1),
  ]),
  new Map(),
);
const concepts = conceptsOf(wordNet, [3, 4, 5]);

describe('concepts', () => {
  it('are the classes, and then what is more general, each with its classes', () => {
    expect(concepts.map(({ nouns: [noun], classes }) => [noun, ...classes])).toEqual([
      ['apple', 0],
      ['pear', 1],
      ['knife', 2],
      ['fruit', 0, 1],
      ['thing', 0, 1, 2],
    ]);
    expect(concepts.map(({ kind }) => kind)).toEqual(['fruit', 'fruit', 'thing', 'thing', undefined]);
  });

  it('weigh what they say: all of them nothing', () => {
    const probabilities = Float32Array.of(0.5, 0.3, 0.2);
    const weight = 1 - Math.log(2) / Math.log(3);
    const total = 1 + 0.8 * weight;
    const expected = [0.5, 0.3, 0.2, 0.8 * weight, 0].map((share) => share / total);
    expect(rounded(conceptShares(probabilities, 3, concepts, { specificity: 1 }))).toEqual(rounded(expected));
    const alone = conceptShares(probabilities, 3, concepts, { specificity: 1000 });
    expect(rounded(alone)).toEqual([0.5, 0.3, 0.2, 0, 0]);
  });
});

describe('evidence of concepts for labels', () => {
  const options = { temperature: 0.5, background: 0.6, none: 0.5 };
  // [K = 3, L = 2]
  const similarity = Float32Array.of(1, 0.5, 0, 0.5, 0, 0.5);

  it('is the inverted softmax beside a background, with none of these evenly', () => {
    const sum = Math.exp(2) + 2;
    const expected = [Math.exp(2), 1, 1].flatMap((first) => {
      const total = first / sum + 1 / 3 + 0.2;
      return [first / sum / total, 1 / 3 / total, 1 / 3 / total];
    });
    expect(rounded(evidenceOf(similarity, 2, options))).toEqual(rounded(expected));
  });

  it('gives probabilities of pictures that sum to 1', () => {
    const evidence = evidenceOf(similarity, 2, options);
    const found = nameProbabilities(Float32Array.of(1, 0, 0, 0, 0.5, 0.5), evidence, 3);
    const total = evidence.subarray(0, 3).reduce((sum, value) => sum + value, 0);
    expect(rounded(found.subarray(0, 3))).toEqual(rounded(evidence.subarray(0, 3).map((value) => value / total)));
    expect(found.subarray(3).reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 6);
    expect(found[0]!).toBeGreaterThan(found[3]!);
  });

  it('a label that is close to everything gains nothing', () => {
    const hub = Float32Array.of(0.9, 0.8, 0.9, 0.1);
    const [first, second] = evidenceOf(hub, 2, { temperature: 0.1, background: 0, none: 0 });
    expect(second!).toBeGreaterThan(first!);
  });
});

describe('rankings', () => {
  it('count ties against the label, and leave other columns out', () => {
    const scores = Float32Array.of(0.5, 0.3, 0.2, 9, 0.4, 0.4, 0.1, 9);
    const { pictures, first, amongFive, firstLow, firstHigh } = rankingOf(scores, 4, 3, [0, 1], [0, 1]);
    expect({ pictures, first, amongFive }).toEqual({ pictures: 2, first: 0.5, amongFive: 1 });
    expect(firstLow).toBeLessThan(0.5);
    expect(firstHigh).toBeGreaterThan(0.5);
  });

  it('compare pairs', () => {
    expect(shareAbove([1, 2], [2, 3])).toBe(0.875);
  });
});
