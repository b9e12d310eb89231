import type { PairScores } from './roc.ts';

/** Vectors of pictures, row by row, and whom they show. */
export interface PictureVectors {
  /** [N, D] */
  readonly values: Float32Array;
  /** D */
  readonly width: number;
  /** [N] */
  readonly people: Int32Array;
}

/** How alike two rows are, by their places. */
export type Score = (first: number, second: number) => number;

/** Cosine of two rows. */
export function cosineOf({ values, width }: PictureVectors): Score {
  const unit = Float32Array.from(values);
  for (let first = 0; first < unit.length; first += width) {
    let squares = 0;
    for (let at = first; at < first + width; at++) squares += unit[at]! ** 2;
    const length = Math.sqrt(squares) || 1;
    for (let at = first; at < first + width; at++) unit[at]! /= length;
  }
  return (first, second) => {
    let sum = 0;
    for (let a = first * width, b = second * width, end = a + width; a < end; a++, b++) sum += unit[a]! * unit[b]!;
    return sum;
  };
}

/** Negative Euclidean distance of two rows. */
export function nearnessOf({ values, width }: PictureVectors): Score {
  return (first, second) => {
    let sum = 0;
    for (let a = first * width, b = second * width, end = a + width; a < end; a++, b++)
      sum += (values[a]! - values[b]!) ** 2;
    return -Math.sqrt(sum);
  };
}

/** Scores of all pairs of pictures, and the two people of each pair, in the same order. */
export interface AllPairs extends PairScores {
  readonly samePeople: Int32Array;
  /** Pairs of two people, [2 M]. */
  readonly differentPeople: Int32Array;
}

/** Scores all pairs i < j. @param people [N] */
export function allPairs(people: Int32Array, score: Score): AllPairs {
  const count = people.length;
  const members = new Map<number, number>();
  for (const person of people) members.set(person, (members.get(person) ?? 0) + 1);
  const sameCount = Array.from(members.values()).reduce((sum, size) => sum + (size * (size - 1)) / 2, 0);
  const differentCount = (count * (count - 1)) / 2 - sameCount;
  const same = new Float32Array(sameCount);
  const samePeople = new Int32Array(sameCount);
  const different = new Float32Array(differentCount);
  const differentPeople = new Int32Array(2 * differentCount);
  for (let first = 0, s = 0, d = 0; first < count; first++)
    for (let second = first + 1; second < count; second++) {
      const value = score(first, second);
      if (people[first] === people[second]) {
        samePeople[s] = people[first]!;
        same[s++] = value;
      } else {
        differentPeople[2 * d] = people[first]!;
        differentPeople[2 * d + 1] = people[second]!;
        different[d++] = value;
      }
    }
  return { same, samePeople, different, differentPeople };
}
