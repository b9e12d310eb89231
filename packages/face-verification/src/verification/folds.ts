import { meanAndDeviation, type RandomNumbers } from '@motley/run';
import type { Score } from './pairs.ts';
import { bestThreshold, decideAt, type PairScores } from './roc.ts';

/** Two pictures by their places. */
export type Pair = readonly [first: number, second: number];

/** Pairs of one fold. */
export interface Fold {
  readonly same: readonly Pair[];
  readonly different: readonly Pair[];
}

const FOLDS = 10;
/** Pairs of each kind in a fold. */
const PAIRS = 300;

/**
 * Ten folds of 300 + 300 pairs as Labeled Faces in the Wild has them (Huang et al., University of Massachusetts, technical
 * report 07-49, 2007): no person is in two folds. Fewer where the people have no more, and no folds without ten times two
 * people.
 * @param people [N]
 */
export function drawFolds(people: Int32Array, random: RandomNumbers): Fold[] {
  const pictures = new Map<number, number[]>();
  for (const [place, person] of people.entries()) pictures.set(person, [...(pictures.get(person) ?? []), place]);
  const names = random.shuffle([...pictures.keys()]);
  if (names.length < 2 * FOLDS) return [];
  return Array.from({ length: FOLDS }, (_, fold) => {
    const own = names.filter((__, place) => place % FOLDS === fold);
    const same: Pair[] = [];
    const different: Pair[] = [];
    for (const [at, person] of own.entries()) {
      const places = pictures.get(person)!;
      for (const [index, first] of places.entries())
        for (const second of places.slice(index + 1)) same.push([first, second]);
      for (const other of own.slice(at + 1))
        for (const first of places) for (const second of pictures.get(other)!) different.push([first, second]);
    }
    const drawn = (pairs: Pair[]) => random.shuffle(pairs).slice(0, PAIRS);
    return { same: drawn(same), different: drawn(different) };
  });
}

/** Scores of a fold's pairs. */
export function scoresOf({ same, different }: Fold, score: Score): PairScores {
  const scored = (pairs: readonly Pair[]) => Float32Array.from(pairs, ([first, second]) => score(first, second));
  return { same: scored(same), different: scored(different) };
}

/**
 * Mean accuracy over folds, each with the threshold that is best on the others, and its standard error: LFW's measure.
 * Undefined where there are fewer than two folds.
 */
export function foldAccuracy(
  folds: readonly Fold[],
  score: Score,
): { readonly mean: number; readonly standardError: number } | undefined {
  if (folds.length < 2) return undefined;
  const scored = folds.map((fold) => scoresOf(fold, score));
  const accuracies = scored.map((own, fold) => {
    const others = scored.filter((_, other) => other !== fold);
    const joined = (kind: keyof PairScores) => Float32Array.from(others.flatMap((each) => Array.from(each[kind])));
    return decideAt(own, bestThreshold({ same: joined('same'), different: joined('different') })).accuracy;
  });
  const { mean, standardDeviation } = meanAndDeviation(accuracies);
  return { mean, standardError: standardDeviation / Math.sqrt(accuracies.length) };
}
