import { wilsonInterval } from '@motley/run';

/** How well scores put the right label first. */
export interface Ranking {
  readonly pictures: number;
  readonly first: number;
  readonly firstLow: number;
  readonly firstHigh: number;
  readonly amongFive: number;
}

/**
 * Shares of pictures whose label is first and among the first five, with the first's 95 % interval (Wilson). A tie counts
 * against the label.
 * @param scores [N, width], of which the first `labelCount` of a row are labels
 * @param labels [N]
 */
export function rankingOf(
  scores: Float32Array,
  width: number,
  labelCount: number,
  labels: readonly number[],
  places: readonly number[],
): Ranking {
  let [first, amongFive] = [0, 0];
  for (const place of places) {
    const row = scores.subarray(place * width, place * width + labelCount);
    const own = row[labels[place]!]!;
    const better = row.reduce((count, score, label) => count + Number(score >= own && label !== labels[place]), 0);
    if (better < 1) first++;
    if (better < 5) amongFive++;
  }
  const [firstLow, firstHigh] = wilsonInterval(first, places.length);
  return {
    pictures: places.length,
    first: first / places.length,
    firstLow,
    firstHigh,
    amongFive: amongFive / places.length,
  };
}

/** Share of pairs in which the second has the higher value (the area under the ROC curve); ties count half. */
export function shareAbove(lower: readonly number[], higher: readonly number[]): number {
  let sum = 0;
  for (const low of lower) for (const high of higher) sum += high > low ? 1 : high === low ? 0.5 : 0;
  return sum / (lower.length * higher.length);
}
