import type { RandomStream } from '@motley/core';

/**
 * Splits places at random, class by class, so that each part has its share of each class.
 * @param labels class of each place
 * @param share of the places that goes to the second part: of each class, rounded, at least one place and not all
 * @returns places of the first and of the second part, each ascending
 */
export function stratifiedSplit(
  labels: readonly number[],
  share: number,
  random: RandomStream,
): readonly [first: number[], second: number[]] {
  const places = new Map<number, number[]>();
  for (const [place, label] of labels.entries()) {
    const own = places.get(label);
    if (own === undefined) places.set(label, [place]);
    else own.push(place);
  }
  const chosen = new Set<number>();
  for (const [label, own] of places) {
    if (own.length < 2) continue;
    const count = Math.min(own.length - 1, Math.max(1, Math.round(share * own.length)));
    for (const place of random
      .fork(label)
      .shuffle([...own])
      .slice(0, count))
      chosen.add(place);
  }
  const all = Array.from(labels.keys());
  return [all.filter((place) => !chosen.has(place)), all.filter((place) => chosen.has(place))];
}
