import { Matrix, solve } from 'ml-matrix';
import type { Digits } from './data.ts';
import { IMAGE_SIZE, PIXELS } from './model.ts';

/** Added to the diagonal of the normal equations, relative and absolute. */
const RIDGE = 1e-6;

/**
 * Corrects anomaly scores for image complexity: log score - fitted(log ink, log outline). A plain stroke is easy to
 * reconstruct, even if it is anomalous. The least-squares fit uses images of the training classes. Source: Serrà et al.,
 * "Input complexity and out-of-distribution detection with likelihood-based generative models" (ICLR 2020), where a
 * compressor's bits take the place of the fit.
 */
export class ComplexityFit {
  readonly #coefficients: readonly number[];

  /** @param scores positive scores of the images, [N] */
  constructor(digits: Digits, scores: ArrayLike<number>) {
    const features = new Matrix(Array.from({ length: digits.count }, (_, image) => featuresOf(digits, image))); // [N, 6]
    const targets = Matrix.columnVector(Array.from({ length: digits.count }, (_, image) => logOf(scores[image]!)));
    const transposed = features.transpose();
    const products = transposed.mmul(features); // [6, 6]
    // The ridge keeps the matrix regular where all images are equal.
    for (const [index, square] of products.diagonal().entries())
      products.set(index, index, square + RIDGE * (1 + square));
    this.#coefficients = solve(products, transposed.mmul(targets)).to1DArray();
  }

  /** Log scores minus their fitted values, [N]. */
  adjusted(digits: Digits, scores: ArrayLike<number>): Float64Array {
    return Float64Array.from({ length: digits.count }, (_, image) => {
      const features = featuresOf(digits, image);
      const expected = features.reduce((sum, feature, index) => sum + feature * this.#coefficients[index]!, 0);
      return logOf(scores[image]!) - expected;
    });
  }
}

/** Features [6]: 1, log ink, log outline length, their squares and their product. */
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
