import { largest } from '@motley/run';
import type { DataConfig } from './config.ts';
import type { Pictures } from './data.ts';
import { countMatches } from './evaluate.ts';
import { CLASSES, sideOf, strokes } from './shapes.ts';

/** A figure of one class and size, at any of its positions. */
interface Hypothesis {
  readonly label: number;
  /** Offsets of its strokes' pixels from its upper left corner. */
  readonly pixels: Int32Array;
  /** Possible offsets of its upper left corner from the picture's. */
  readonly corners: Int32Array;
  readonly probability: number;
}

/**
 * Accuracy of the Bayes-optimal classifier, which knows how pictures are drawn. It computes p(class | picture) by
 * Bayes' rule, summed over every size and position of a figure. Each pixel is flipped with probability `noise`.
 */
export function optimalAccuracy(config: DataConfig, pictures: Pictures): number {
  const { noise } = config;
  if (noise === 0) return 1; // no two classes share a picture
  const hypotheses = hypothesesOf(config);
  const evidence = Math.log((1 - noise) / noise);
  const { values, offset } = pictures.images;
  const area = config.size ** 2;
  const predicted = Uint8Array.from({ length: pictures.labels.length }, (_, index) => {
    const likelihoods = CLASSES.map(() => 0);
    const start = offset + index * area;
    for (const { label, pixels, corners, probability } of hypotheses) {
      let sum = 0;
      for (const corner of corners) {
        let hits = 0;
        for (const pixel of pixels) hits += values[start + corner + pixel]!;
        sum += Math.exp(evidence * (2 * hits - pixels.length));
      }
      likelihoods[label]! += (probability * sum) / corners.length;
    }
    return likelihoods.indexOf(largest(likelihoods));
  });
  return countMatches(predicted, pictures.labels) / predicted.length;
}

function hypothesesOf({ size, centered, figureFraction }: DataConfig): Hypothesis[] {
  const sides = sideProbabilities(size, figureFraction);
  return CLASSES.flatMap((_, label) =>
    [...sides].flatMap(([width, ofWidth]) =>
      [...sides].map(([height, ofHeight]): Hypothesis => {
        const [across, down] = [size - width, size - height];
        const corners = centered
          ? [Math.floor(down / 2) * size + Math.floor(across / 2)]
          : Array.from({ length: (across + 1) * (down + 1) }, (_, place) => {
              return Math.floor(place / (across + 1)) * size + (place % (across + 1));
            });
        return {
          label,
          pixels: Int32Array.from(strokes(label, { width, height }), ([column, row]) => row * size + column),
          corners: Int32Array.from(corners),
          probability: ofWidth * ofHeight,
        };
      }),
    ),
  );
}

/**
 * Probability of each side length in pixels, where the fraction of the picture's side is uniform in `figureFraction`.
 */
function sideProbabilities(size: number, figureFraction: readonly number[]): Map<number, number> {
  const [low, high] = figureFraction as [number, number];
  const edges = [low, ...Array.from({ length: size }, (_, side) => (side + 0.5) / size), high];
  const sorted = edges.filter((edge) => edge >= low && edge <= high).sort((a, b) => a - b);
  const probabilities = new Map<number, number>();
  for (const [index, from] of sorted.slice(0, -1).entries()) {
    const to = sorted[index + 1]!;
    const side = sideOf((from + to) / 2, size);
    const part = high === low ? 1 : (to - from) / (high - low);
    probabilities.set(side, (probabilities.get(side) ?? 0) + part);
  }
  return probabilities;
}
