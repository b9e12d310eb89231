import { RandomNumbers, stateOfSeed, UserError } from '@motley/run';
import type { Target } from './table/table.ts';

/** Rows of one division. */
export interface Division {
  readonly training: Uint32Array;
  readonly test: Uint32Array;
}

/**
 * Fold of each row, [N]. Folds have the same share of every class, up to a row; for a number they have rows of every
 * size.
 * @throws UserError where there are fewer rows than folds
 */
export function stratifiedFolds({ task, values }: Target, folds: number, seed: number): Uint8Array {
  if (values.length < folds)
    throw new UserError(`data.folds: expected at most as many folds as rows, ${values.length}, got ${folds}`);
  const random = new RandomNumbers(stateOfSeed(seed)).fork('folds');
  const shuffled = Array.from(random.permutation(values.length));
  const ordered = shuffled.sort((left, right) => values[left]! - values[right]!);
  const result = new Uint8Array(values.length);
  if (task !== 'number') {
    for (const [place, row] of ordered.entries()) result[row] = place % folds;
    return result;
  }
  // Each run of `folds` neighbors gives one row to each fold, in an order of its own.
  for (let first = 0; first < ordered.length; first += folds) {
    const places = random.fork(first).permutation(folds);
    for (let place = 0; place < Math.min(folds, ordered.length - first); place++)
      result[ordered[first + place]!] = places[place]!;
  }
  return result;
}

/** Rows of a fold as the test rows, the others as training rows. */
export function divide(folds: Uint8Array, testFold: number): Division {
  const rows = Uint32Array.from(folds.keys());
  return {
    training: rows.filter((row) => folds[row] !== testFold),
    test: rows.filter((row) => folds[row] === testFold),
  };
}
