import { largest, RandomNumbers } from '@motley/run';
import { describe, expect, it } from 'vitest';
import { bootstrapPeople } from './bootstrap.ts';
import { drawFolds, foldAccuracy, scoresOf } from './folds.ts';
import { identifyOpenSet } from './identification.ts';
import { normalCumulative, normalQuantile } from './normal-quantile.ts';
import { allPairs, cosineOf, nearnessOf, type PictureVectors } from './pairs.ts';
import { bestThreshold, decideAt, type PairScores, Roc } from './roc.ts';

/** Euclidean length. */
const lengthOf = (values: ArrayLike<number>) =>
  Math.sqrt(Array.from(values).reduce((sum, value) => sum + value ** 2, 0));

const random = () => RandomNumbers.fromSeed(5);

/** Scores of both kinds in steps of a tenth, so that many are equal. */
function coarseScores(): PairScores {
  const numbers = random();
  const rounded = (values: Float32Array) => values.map((value) => Math.round(10 * value) / 10);
  return { same: rounded(numbers.normalValues(120, 1)), different: rounded(numbers.normalValues(200)) };
}

/** Shares of each kind at or above a threshold, by counting. */
function countAt({ same, different }: PairScores, threshold: number) {
  const share = (scores: Float32Array) => scores.filter((score) => score >= threshold).length / scores.length;
  return { trueAccepts: share(same), falseAccepts: share(different) };
}

describe('Roc', () => {
  it('has the counts of every threshold, ties together', () => {
    const scores = coarseScores();
    const { points } = new Roc(scores);
    const thresholds = [...new Set([...scores.same, ...scores.different])].sort((a, b) => b - a);
    expect(points.map(({ threshold }) => threshold)).toEqual([Infinity, ...thresholds]);
    for (const { threshold, ...rates } of points) expect(rates).toEqual(countAt(scores, threshold));
  });

  it('has the area that counting pairs of pairs gives, ties by half', () => {
    const scores = coarseScores();
    let wins = 0;
    for (const hit of scores.same)
      for (const alarm of scores.different) wins += hit > alarm ? 1 : hit === alarm ? 0.5 : 0;
    expect(new Roc(scores).areaUnderCurve()).toBeCloseTo(wins / (120 * 200), 12);
  });

  it('has an equal error rate between the rates of the two thresholds around it', () => {
    const scores = coarseScores();
    const { rate, threshold } = new Roc(scores).equalError();
    const at = countAt(scores, threshold);
    const above = countAt(scores, threshold + 0.1);
    expect(at.falseAccepts).toBeGreaterThanOrEqual(1 - at.trueAccepts);
    expect(above.falseAccepts).toBeLessThan(1 - above.trueAccepts);
    expect(rate).toBeGreaterThanOrEqual(above.falseAccepts);
    expect(rate).toBeLessThanOrEqual(at.falseAccepts);
    // N(1, 1) against N(0, 1): Φ(−½).
    const numbers = random();
    const many = { same: numbers.normalValues(200_000, 1), different: numbers.normalValues(200_000) };
    expect(new Roc(many).equalError().rate).toBeCloseTo(normalCumulative(-0.5), 2);
  });

  it('is 0 and 1 where all is told apart, and ½ where nothing is', () => {
    const apart = new Roc({ same: Float32Array.of(2, 3), different: Float32Array.of(0, 1) });
    expect([apart.equalError().rate, apart.areaUnderCurve(), apart.at(0).trueAccepts]).toEqual([0, 1, 1]);
    const even = new Roc({ same: Float32Array.of(1, 1), different: Float32Array.of(1, 1, 1) });
    expect([even.equalError().rate, even.areaUnderCurve()]).toEqual([0.5, 0.5]);
  });

  it('accepts at most the given share of the different', () => {
    const roc = new Roc(coarseScores());
    for (const rate of [0, 0.01, 0.1, 1]) {
      const found = roc.at(rate);
      expect(found.falseAccepts).toBeLessThanOrEqual(rate);
      const next = roc.points[roc.points.indexOf(found) + 1];
      expect(next?.falseAccepts ?? 2).toBeGreaterThan(rate);
    }
  });

  it('refuses scores of one kind, and NaN', () => {
    expect(() => new Roc({ same: new Float32Array(0), different: Float32Array.of(1) })).toThrow('both kinds');
    expect(() => new Roc({ same: Float32Array.of(NaN), different: Float32Array.of(1) })).toThrow('got NaN');
  });

  it('decides as it counts, and finds the threshold with the most right', () => {
    const scores = coarseScores();
    const best = bestThreshold(scores);
    const accuracies = new Roc(scores).points.map(({ threshold }) => decideAt(scores, threshold).accuracy);
    expect(decideAt(scores, best).accuracy).toBe(largest(accuracies));
    const { trueAccepts, falseAccepts } = countAt(scores, 0.5);
    expect(decideAt(scores, 0.5)).toEqual({
      falseRejects: 1 - trueAccepts,
      falseAccepts,
      accuracy: (trueAccepts + 1 - falseAccepts) / 2,
    });
  });
});

/** Pictures around their people: the farther the people, the easier. */
function people(count: number, pictures: number, width = 4): PictureVectors {
  const numbers = random();
  const centers = numbers.normalValues(count * width);
  const noise = numbers.normalValues(count * pictures * width, 0, 0.5);
  return {
    values: noise.map((value, at) => value + centers[Math.floor(at / (pictures * width)) * width + (at % width)]!),
    width,
    people: Int32Array.from({ length: count * pictures }, (_, place) => Math.floor(place / pictures)),
  };
}

describe('allPairs', () => {
  it('scores every two pictures once, with their people', () => {
    const vectors = people(4, 3);
    const { same, samePeople, different, differentPeople } = allPairs(vectors.people, cosineOf(vectors));
    expect([same.length, different.length]).toEqual([4 * 3, 66 - 12]);
    expect([...samePeople]).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]);
    for (let pair = 0; pair < different.length; pair++)
      expect(differentPeople[2 * pair]!).toBeLessThan(differentPeople[2 * pair + 1]!);
    const rows = [vectors.values.subarray(0, 4), vectors.values.subarray(4, 8)] as const;
    const dot = rows[0].reduce((sum, value, at) => sum + value * rows[1][at]!, 0);
    expect(same[0]).toBeCloseTo(dot / (lengthOf(rows[0]) * lengthOf(rows[1])), 6);
    const near = nearnessOf(vectors)(0, 1);
    expect(near).toBeCloseTo(-lengthOf(rows[0].map((value, at) => value - rows[1][at]!)), 6);
  });
});

describe('bootstrapPeople', () => {
  it('has intervals around the rates, wider for fewer people, and the same for the same seed', () => {
    const widths = [20, 80].map((count) => {
      const vectors = people(count, 4);
      const pairs = allPairs(vectors.people, cosineOf(vectors));
      const { equalErrorRate, areaUnderCurve } = bootstrapPeople(pairs, 100, random())!;
      const roc = new Roc(pairs);
      expect(equalErrorRate[0]).toBeLessThan(roc.equalError().rate);
      expect(equalErrorRate[1]).toBeGreaterThan(roc.equalError().rate);
      expect(areaUnderCurve[0]).toBeLessThan(roc.areaUnderCurve());
      expect(areaUnderCurve[1]).toBeGreaterThan(roc.areaUnderCurve());
      expect(bootstrapPeople(pairs, 100, random())).toEqual({ equalErrorRate, areaUnderCurve });
      return equalErrorRate[1] - equalErrorRate[0];
    });
    expect(widths[1]).toBeLessThan(widths[0]!);
  });

  it('is wider than an interval of pairs would be, which takes them for independent', () => {
    const vectors = people(20, 10);
    const pairs = allPairs(vectors.people, cosineOf(vectors));
    const { equalErrorRate } = bootstrapPeople(pairs, 200, random())!;
    // Each pair a person of its own: 900 same and 19,000 different ones, drawn independently.
    const own = {
      ...pairs,
      samePeople: Int32Array.from(pairs.same.keys()),
      differentPeople: Int32Array.from({ length: 2 * pairs.different.length }, (_, at) => at % pairs.same.length),
    };
    const ofPairs = bootstrapPeople(own, 200, random())!.equalErrorRate;
    expect(equalErrorRate[1] - equalErrorRate[0]).toBeGreaterThan(1.5 * (ofPairs[1] - ofPairs[0]));
  });

  it('has none without resamples', () => {
    const vectors = people(4, 2);
    expect(bootstrapPeople(allPairs(vectors.people, cosineOf(vectors)), 0, random())).toBeUndefined();
  });
});

describe('folds', () => {
  it('are ten of 300 + 300 pairs, and no person is in two', () => {
    const vectors = people(200, 10);
    const folds = drawFolds(vectors.people, random());
    expect(folds).toHaveLength(10);
    const seen = folds.map(({ same, different }) => {
      expect([same.length, different.length]).toEqual([300, 300]);
      for (const [first, second] of same) expect(vectors.people[first]).toBe(vectors.people[second]);
      for (const [first, second] of different) expect(vectors.people[first]).not.toBe(vectors.people[second]);
      expect(new Set(same.map(String)).size).toBe(300);
      return new Set([...same, ...different].flat().map((place) => vectors.people[place]!));
    });
    for (const [fold, own] of seen.entries())
      for (const other of seen.slice(fold + 1)) expect([...own].filter((person) => other.has(person))).toEqual([]);
    const score = cosineOf(vectors);
    const { mean, standardError } = foldAccuracy(folds, score)!;
    const whole = decideAt(allPairs(vectors.people, score), bestThreshold(allPairs(vectors.people, score))).accuracy;
    expect(Math.abs(mean - whole)).toBeLessThan(4 * standardError);
    expect(scoresOf(folds[0]!, score).same[0]).toBe(Math.fround(score(...folds[0]!.same[0]!)));
  });

  it('are none for few people', () => {
    expect(drawFolds(people(19, 3).people, random())).toEqual([]);
    expect(foldAccuracy([], () => 0)).toBeUndefined();
  });
});

describe('identifyOpenSet', () => {
  it('has the rates that a table of scores gives by hand', () => {
    // People 0 and 2 are in the gallery with their first pictures, 1 and 3 are strangers.
    const shown = Int32Array.of(0, 0, 0, 1, 1, 2, 2, 3);
    const table = new Map([
      ['1 0', 0.9],
      ['1 5', 0.1],
      ['2 0', 0.3],
      ['2 5', 0.2],
      ['6 0', 0.8],
      ['6 5', 0.7],
      ['3 0', 0.5],
      ['3 5', 0.2],
      ['4 0', 0.1],
      ['4 5', 0.15],
      ['7 0', 0.25],
      ['7 5', 0.05],
    ]);
    const score = (first: number, second: number) => table.get(`${first} ${second}`)!;
    const strict = identifyOpenSet(shown, score, 0)!;
    // Of the probes 1, 2 and 6, the last is taken for another; of the others, only 0.9 is above 0.5.
    expect(strict).toEqual({ rankOne: 2 / 3, detection: 1 / 3, threshold: 0.5, knownProbes: 3, unknownProbes: 3 });
    expect(identifyOpenSet(shown, score, 0.34)).toMatchObject({ detection: 2 / 3, threshold: 0.25 });
    expect(identifyOpenSet(Int32Array.of(0, 0), score, 0.1)).toBeUndefined();
  });
});

describe('normalQuantile', () => {
  it('is that of the tables, and undoes the cumulative distribution', () => {
    for (const [share, quantile] of [
      [0.5, 0],
      [0.975, 1.959963984540054],
      [0.99, 2.3263478740408408],
      [1e-4, -3.719016485455709],
    ] as const)
      expect(normalQuantile(share)).toBeCloseTo(quantile, 10);
    expect(normalQuantile(0)).toBe(-Infinity);
    expect(normalQuantile(1)).toBe(Infinity);
  });
});
