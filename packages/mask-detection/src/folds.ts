import type { RandomNumbers } from '@motley/run';

/**
 * Folds in which each class has nearly the same number of objects (Sechidis et al., "On the stratification of multi-label
 * data", ECML 2011): pictures with the rarest class are dealt first, each to the fold that lacks most of it.
 *
 * @param counts objects of each class in each picture
 * @returns the fold of each picture
 */
export function stratifiedFolds(
  counts: readonly (readonly number[])[],
  folds: number,
  random: RandomNumbers,
): Uint32Array {
  const classes = counts[0]?.length ?? 0;
  const totals = Array.from({ length: classes }, (_, label) => counts.reduce((sum, each) => sum + each[label]!, 0));
  const given = Array.from({ length: folds }, () => ({ pictures: 0, objects: totals.map(() => 0) }));
  const rarest = Array.from(totals.keys()).sort((a, b) => totals[a]! - totals[b]!);
  const rank = (picture: number) => {
    const place = rarest.findIndex((label) => counts[picture]![label]! > 0);
    return place < 0 ? classes : place;
  };
  const order = Array.from(random.permutation(counts.length)).sort((a, b) => rank(a) - rank(b));
  const result = new Uint32Array(counts.length);
  for (const picture of order) {
    const label = rarest[rank(picture)];
    const load = (fold: number) => (label === undefined ? 0 : given[fold]!.objects[label]!);
    const fold = Array.from({ length: folds }, (_, each) => each).reduce((best, each) => {
      const difference = load(each) - load(best) || given[each]!.pictures - given[best]!.pictures;
      return difference < 0 ? each : best;
    });
    result[picture] = fold;
    given[fold]!.pictures++;
    for (const [each, count] of counts[picture]!.entries()) given[fold]!.objects[each]! += count;
  }
  return result;
}
