import type { Digits } from './data.ts';
import { IMAGE_SIZE, PIXELS } from './model.ts';

/** Of one image: 1, the logarithms of its ink and of the length of its outlines, their squares and product. */
const FEATURES = 6;

/**
 * Scores without what the plainness of an image alone makes of them, as log score - fitted(log ink, log outline): a
 * stroke is easy to reconstruct whether or not any was seen in training (Serrà et al., "Input complexity and
 * out-of-distribution detection with likelihood-based generative models", ICLR 2020, with the score of images as complex
 * in place of a compressor's bits). The fit is by least squares on images of the known kinds.
 */
export class ComplexityFit {
  readonly #coefficients: Float64Array;

  /** @param scores above 0, of the images */
  constructor(digits: Digits, scores: ArrayLike<number>) {
    const normal = Array.from({ length: FEATURES }, () => new Float64Array(FEATURES + 1));
    for (let image = 0; image < digits.count; image++) {
      const row = [...featuresOf(digits, image), logOf(scores[image]!)];
      for (let i = 0; i < FEATURES; i++) for (let j = 0; j <= FEATURES; j++) normal[i]![j]! += row[i]! * row[j]!;
    }
    this.#coefficients = solve(normal);
  }

  adjusted(digits: Digits, scores: ArrayLike<number>): Float64Array {
    return Float64Array.from({ length: digits.count }, (_, image) => {
      const features = featuresOf(digits, image);
      const expected = features.reduce((sum, feature, index) => sum + feature * this.#coefficients[index]!, 0);
      return logOf(scores[image]!) - expected;
    });
  }
}

function featuresOf({ images }: Digits, image: number): readonly number[] {
  let [ink, outline] = [0, 0];
  for (let pixel = 0; pixel < PIXELS; pixel++) {
    const value = images[image * PIXELS + pixel]!;
    ink += value;
    if (pixel % IMAGE_SIZE > 0) outline += Math.abs(value - images[image * PIXELS + pixel - 1]!);
    if (pixel >= IMAGE_SIZE) outline += Math.abs(value - images[image * PIXELS + pixel - IMAGE_SIZE]!);
  }
  const [a, b] = [Math.log(ink / 255 + 1), Math.log(outline / 255 + 1)];
  return [1, a, b, a * a, b * b, a * b];
}

const logOf = (score: number): number => Math.log(Math.max(score, 1e-9));

/** Solves [A | b], symmetric, in place: Gauss–Jordan with a little added to the diagonal, for images that are all alike. */
function solve(rows: Float64Array[]): Float64Array {
  const size = rows.length;
  for (const [index, row] of rows.entries()) row[index]! += 1e-6 * (1 + row[index]!);
  for (let pivot = 0; pivot < size; pivot++)
    for (let row = 0; row < size; row++) {
      if (row === pivot) continue;
      const factor = rows[row]![pivot]! / rows[pivot]![pivot]!;
      for (let column = pivot; column <= size; column++) rows[row]![column]! -= factor * rows[pivot]![column]!;
    }
  return Float64Array.from(rows, (row, index) => row[size]! / row[index]!);
}
