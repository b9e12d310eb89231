import { RandomNumbers } from '@motley/run';
import type { Part } from './recording.ts';

/** Seed that draws what is held out. Another one would change every published figure. */
const SPLIT_SEED = 1;
/** Share for validation, and for test. */
const HELD_OUT = 0.1;

/**
 * Splits names, such as those of levels or speakers: a tenth for test, a tenth for validation, the rest for training.
 * The same names give the same parts, in any order and however often they come.
 */
export function partsByName(names: Iterable<string>): ReadonlyMap<string, Part> {
  const distinct = [...new Set(names)].sort();
  const count = Math.ceil(HELD_OUT * distinct.length);
  const order = RandomNumbers.fromSeed(SPLIT_SEED).permutation(distinct.length);
  return new Map(
    [...order].map((index, place): [string, Part] => [
      distinct[index]!,
      place < count ? 'test' : place < 2 * count ? 'validation' : 'training',
    ]),
  );
}
