import { Matrix, solve } from 'ml-matrix';
import type { Digits } from './data.ts';
import { IMAGE_SIZE, PIXELS } from './model.ts';

/** Added to the diagonal of the normal equations, relative and absolute. */
const RIDGE = 1e-6;

/**
 * Anomaly scores corrected for image complexity: log score - fitted(log ink, log outline). A plain stroke is easy to
 * reconstruct, known or not (Serrà et al., "Input complexity and out-of-distribution detection with likelihood-based
 * generative models", ICLR 2020, with the score of equally complex images in place of a compressor's bits). The fit is
 * by least squares on images of the known classes.
 */
export class ComplexityFit {
  readonly #coefficients: readonly number[];

  /** @param scores of the images, above 0 */
  constructor(digits: Digits, scores: ArrayLike<number>) {
    const features = new Matrix(Array.from({ length: digits.count }, (_, image) => featuresOf(digits, image))); // [N, 6]
    const targets = Matrix.columnVector(Array.from({ length: digits.count }, (_, image) => logOf(scores[image]!)));
    const transposed = features.transpose();
    const products = transposed.mmul(features); // [6, 6]
    // Regular also where all images are alike.
    for (const [index, square] of products.diagonal().entries())
      products.set(index, index, square + RIDGE * (1 + square));
    this.#coefficients = solve(products, transposed.mmul(targets)).to1DArray();
  }

  adjusted(digits: Digits, scores: ArrayLike<number>): Float64Array {
    return Float64Array.from({ length: digits.count }, (_, image) => {
      const features = featuresOf(digits, image);
      const expected = features.reduce((sum, feature, index) => sum + feature * this.#coefficients[index]!, 0);
      return logOf(scores[image]!) - expected;
    });
  }
}

/** 1, log ink, log outline length, their squares and their product. */
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
