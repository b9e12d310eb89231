import type { FaceNuisances } from '@motley/core/generators';
import type { FacePictures } from '../sources/people.ts';
import type { Score } from './pairs.ts';

/** Turned by more degrees than half of the pictures are. */
const TURNED_IN_DEGREES = 20;
/** Light from the side. */
const HARD_LIGHT = 0.6;
/** Standard deviation of the blur, in a picture of 64 pixels. */
const BLURRED_IN_PIXELS = 1;

/** Disturbances of a picture, by the names of their metrics. A pair counts where either of its pictures is disturbed. */
const disturbances: Readonly<Record<string, (nuisances: FaceNuisances) => boolean>> = {
  Turned: ({ yawInDegrees }) => Math.abs(yawInDegrees) > TURNED_IN_DEGREES,
  HardLight: ({ lightStrength }) => lightStrength > HARD_LIGHT,
  Glasses: ({ glasses }) => glasses !== 'none',
  Mask: ({ mask }) => mask !== 'none',
  Occlusion: ({ occlusion }) => occlusion !== 'none',
  Blur: ({ blurInPixels }) => blurInPixels > BLURRED_IN_PIXELS,
};

/**
 * Share of pairs of one person that a threshold refuses, by what disturbs one of the two pictures at least, and of pairs
 * that nothing disturbs: `falseRejectsMask` and the like.
 */
export function errorsByNuisance({ people, drawn }: FacePictures, score: Score, threshold: number) {
  const sums = new Map<string, { refused: number; pairs: number }>();
  const count = (name: string, isRefused: boolean) => {
    const sum = sums.get(name) ?? { refused: 0, pairs: 0 };
    sums.set(name, { refused: sum.refused + Number(isRefused), pairs: sum.pairs + 1 });
  };
  const names = Object.keys(disturbances);
  const marked = drawn!.nuisances.map((nuisances) => names.filter((name) => disturbances[name]!(nuisances)));
  for (let first = 0; first < people.length; first++)
    for (let second = first + 1; second < people.length; second++) {
      if (people[first] !== people[second]) continue;
      const isRefused = score(first, second) < threshold;
      const own = new Set([...marked[first]!, ...marked[second]!]);
      for (const name of own) count(name, isRefused);
      if (own.size === 0) count('Undisturbed', isRefused);
    }
  return Object.fromEntries(
    [...sums].map(([name, { refused, pairs }]) => [`falseRejects${name}`, refused / pairs] as const),
  );
}
