import type { Frames } from '@motley/core/audio';
import { wilsonInterval } from '@motley/run';

export interface TimeWarpingOptions {
  /**
   * Farthest that a path may lie from the straight line between beginnings and ends, as a share of the longer sequence.
   * 1 is no limit. Default 0.2
   */
  readonly band?: number;
  /** The search ends where the distance is sure to be larger. Default Infinity */
  readonly most?: number;
}

const BAND = 0.2;

/**
 * Distance of two sequences of frames under the best monotone alignment of their times, per frame of both (Sakoe & Chiba
 * 1978, symmetric form without slope constraint):
 * g(i, j) = min(g(i - 1, j) + d, g(i - 1, j - 1) + 2 d, g(i, j - 1) + d), D = g(N, M) / (N + M), with the Euclidean
 * distance d of frames i and j. It is symmetric, and a frame that stays longer costs nothing.
 * @param first [N, D]
 * @param second [M, D]
 * @returns Infinity where the distance exceeds `most`
 * @throws RangeError where a sequence is empty, or the widths differ
 */
export function timeWarpingDistance(
  first: Frames,
  second: Frames,
  { band = BAND, most = Infinity }: TimeWarpingOptions = {},
): number {
  if (first.count === 0 || second.count === 0 || first.width !== second.width)
    throw new RangeError(
      `time warping: expected frames of one width, got [${first.count}, ${first.width}] and [${second.count}, ${second.width}]`,
    );
  // The band is measured along the longer sequence, so that its name does not matter.
  const [long, short] = first.count >= second.count ? [first, second] : [second, first];
  const { values, count, width } = long;
  const limit = most * (count + short.count);
  const slope = (short.count - 1) / Math.max(1, count - 1);
  // A step along the line may be a whole frame, and rounding half of one.
  const reach = Math.max(1, band * count) * slope;
  // Costs after a frame of the longer sequence, one place later for the edge: row[j + 1] = g(i, j).
  let row = new Float64Array(short.count + 1).fill(Infinity);
  let next = new Float64Array(short.count + 1);
  for (let i = 0; i < count; i++) {
    const from = Math.max(0, Math.floor(i * slope - reach));
    const to = Math.min(short.count - 1, Math.ceil(i * slope + reach));
    next.fill(Infinity);
    let least = Infinity;
    for (let j = from; j <= to; j++) {
      let squares = 0;
      for (let one = i * width, other = j * width, end = one + width; one < end; one++, other++) {
        const difference = values[one]! - short.values[other]!;
        squares += difference * difference;
      }
      const distance = Math.sqrt(squares);
      const before = i === 0 && j === 0 ? 0 : row[j]!;
      let cost = before + 2 * distance;
      if (row[j + 1]! + distance < cost) cost = row[j + 1]! + distance;
      if (next[j]! + distance < cost) cost = next[j]! + distance;
      next[j + 1] = cost;
      if (cost < least) least = cost;
    }
    if (least > limit) return Infinity;
    [row, next] = [next, row];
  }
  const total = row[short.count]!;
  return total > limit ? Infinity : total / (count + short.count);
}

/** A word as somebody said it. */
export interface SpokenWord {
  readonly word: string;
  readonly frames: Frames;
}

export interface WordRecognizerOptions extends Pick<TimeWarpingOptions, 'band'> {
  /** Number of nearest templates that vote; the nearest of the words with most votes wins. Default 1 */
  readonly neighbours?: number;
}

/**
 * The word of the templates nearest to what was heard.
 * @throws RangeError where there are no templates
 */
export function nearestWord(
  heard: Frames,
  templates: readonly SpokenWord[],
  { neighbours = 1, band = BAND }: WordRecognizerOptions = {},
): string {
  if (templates.length === 0) throw new RangeError('nearest word: expected templates, got none');
  const nearest: { readonly word: string; readonly distance: number }[] = [];
  for (const { word, frames } of templates) {
    const most = nearest.length < neighbours ? Infinity : nearest.at(-1)!.distance;
    const distance = timeWarpingDistance(heard, frames, { band, most });
    if (distance >= most && most < Infinity) continue;
    const place = nearest.findIndex((each) => distance < each.distance);
    nearest.splice(place < 0 ? nearest.length : place, 0, { word, distance });
    nearest.length = Math.min(nearest.length, neighbours);
  }
  const votes = new Map<string, number>();
  for (const { word } of nearest) votes.set(word, (votes.get(word) ?? 0) + 1);
  let [winner, won] = ['', 0];
  for (const [word, count] of votes) if (count > won) [winner, won] = [word, count];
  return winner;
}

/**
 * Share of words that the templates of other voices recognize.
 * @returns with the ends of its 95 % interval (Wilson)
 * @throws RangeError where there are no words, or no templates
 */
export function wordAccuracy(
  words: readonly SpokenWord[],
  templates: readonly SpokenWord[],
  options: WordRecognizerOptions = {},
): { value: number; low: number; high: number } {
  const right = words.filter(({ word, frames }) => nearestWord(frames, templates, options) === word).length;
  const [low, high] = wilsonInterval(right, words.length);
  return { value: right / words.length, low, high };
}
