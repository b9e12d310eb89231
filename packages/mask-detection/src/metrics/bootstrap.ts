import type { RandomNumbers } from '@motley/run';
import { Matches, meanPrecision } from './coco.ts';
import type { Judged } from './match.ts';

/** Ends of an interval that has the measure of another set of pictures in 95 of 100 cases. */
export interface Intervals {
  readonly ap: readonly [low: number, high: number];
  readonly ap50: readonly [low: number, high: number];
}

/**
 * Intervals of average precision by the bootstrap (Efron & Tibshirani, 1993, chapter 13): pictures are drawn again with
 * replacement, for the faces of a picture are not independent.
 */
export function precisionIntervals(
  pictures: readonly Judged[],
  classes: number,
  random: RandomNumbers,
  rounds = 200,
): Intervals {
  const matches = new Matches(pictures, classes);
  const drawn = Array.from({ length: rounds }, (_, round) => {
    const shares = random.fork(round).uniformValues(pictures.length);
    const chosen = Array.from(shares, (share) => Math.floor(share * pictures.length));
    const curves = matches.curves(undefined, chosen);
    return { ap: meanPrecision(curves), ap50: meanPrecision(curves, 0) };
  });
  const middle = (values: readonly number[]): [number, number] => {
    const sorted = Float64Array.from(values).sort();
    const at = (share: number) => sorted[Math.min(rounds - 1, Math.floor(share * rounds))]!;
    return [at(0.025), at(0.975)];
  };
  return { ap: middle(drawn.map(({ ap }) => ap)), ap50: middle(drawn.map(({ ap50 }) => ap50)) };
}
