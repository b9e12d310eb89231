import { largest } from '@motley/run';
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';

/** Rows of numbers. */
export interface Rows {
  /** [N, D] */
  readonly values: Float32Array;
  /** D */
  readonly width: number;
}

/** A linear classifier of features. */
export interface LinearHead {
  /** [V, D] */
  readonly weight: Float32Array;
  /** [V] */
  readonly bias: Float32Array;
}

export interface RidgeHead extends LinearHead {
  /** The penalty with the least squared error on rows that are left out. */
  readonly penalty: number;
  /** Factor of the scores that makes them logits: that of the least cross-entropy on rows that are left out. */
  readonly temperature: number;
  /** Accuracy on rows that are left out, one at a time. */
  readonly leftOutAccuracy: number;
}

/** Penalties to choose from, as shares of the mean squared length of a centered row. */
const PENALTIES = Object.freeze(Array.from({ length: 21 }, (_, index) => 10 ** (-4 + 0.3 * index)));
const TEMPERATURES = Object.freeze(Array.from({ length: 60 }, (_, index) => 1.12 ** index));

/**
 * Ridge regression of the classes' indicators on standardized features (Hoerl & Kennard, 1970):
 *
 *   W = argmin Σᵢ |yᵢ - W xᵢ - b|² + λ |W|²
 *
 * The penalty is chosen by leaving out each row in turn, which has a closed form: the error of row i is
 * (yᵢ - ŷᵢ) / (1 - hᵢᵢ), with H the matrix that maps y to ŷ (Golub, Heath & Wahba, "Generalized cross-validation as a
 * method for choosing a good ridge parameter", 1979). Scores become logits by one factor, chosen in the same way.
 * @param labels [N], below `classes`
 */
export function fitRidge({ values, width }: Rows, labels: ArrayLike<number>, classes: number): RidgeHead {
  const count = labels.length;
  const { standardized, mean, deviation } = standardize(values, width);
  const x = new Matrix(standardized);
  const shares = Array.from({ length: classes }, (_, label) => {
    return Array.from(labels).filter((each) => each === label).length / count;
  });
  const y = Matrix.zeros(count, classes);
  for (let row = 0; row < count; row++)
    for (let label = 0; label < classes; label++) y.set(row, label, Number(labels[row] === label) - shares[label]!);
  const { scores, axes, squares } = principal(x); // [N, R], [D, R], [R]
  const projected = scores.transpose().mmul(y); // [R, V]
  const scale = squares.reduce((sum, square) => sum + square, 0) / count;
  let best: { penalty: number; left: Matrix; error: number } | undefined;
  for (const share of PENALTIES) {
    const penalty = share * scale;
    const left = leftOut({ scores, squares, projected, y }, penalty);
    const error = Matrix.sub(y, left).pow(2).sum();
    if (best === undefined || error < best.error) best = { penalty, left, error };
  }
  const { penalty, left } = best!;
  const weight = axes.mmul(shrunk(projected, squares, penalty)).transpose(); // [V, D]
  const { temperature, accuracy } = calibrate(left, shares, labels);
  const head = { weight: new Float32Array(classes * width), bias: new Float32Array(classes) };
  for (let label = 0; label < classes; label++) {
    let shift = shares[label]!;
    for (let feature = 0; feature < width; feature++) {
      const factor = weight.get(label, feature) / deviation[feature]!;
      head.weight[label * width + feature] = temperature * factor;
      shift -= factor * mean[feature]!;
    }
    head.bias[label] = temperature * shift;
  }
  return { ...head, penalty, temperature, leftOutAccuracy: accuracy };
}

/** Each feature less its mean, over its standard deviation. A feature that is constant becomes 0. */
function standardize(values: Float32Array, width: number) {
  const count = values.length / width;
  const mean = new Float64Array(width);
  const deviation = new Float64Array(width);
  for (let at = 0; at < values.length; at++) mean[at % width]! += values[at]! / count;
  for (let at = 0; at < values.length; at++) deviation[at % width]! += (values[at]! - mean[at % width]!) ** 2 / count;
  for (let feature = 0; feature < width; feature++) deviation[feature] = Math.sqrt(deviation[feature]!) || 1;
  const standardized = Array.from({ length: count }, (_, row) =>
    Array.from({ length: width }, (__, feature) => {
      return (values[row * width + feature]! - mean[feature]!) / deviation[feature]!;
    }),
  );
  return { standardized, mean, deviation };
}

interface Principal {
  /** Coordinates of the rows on the axes, [N, R]. */
  readonly scores: Matrix;
  /** [D, R] */
  readonly axes: Matrix;
  /** Squared singular values, [R]. */
  readonly squares: readonly number[];
}

/** Share of the largest squared singular value below which an axis is rounding error. */
const NOISE = 1e-10;

/** Principal axes of the rows, by the smaller one of X Xᵀ and Xᵀ X. */
function principal(x: Matrix): Principal {
  const isWide = x.columns > x.rows;
  const gram = isWide ? x.mmul(x.transpose()) : x.transpose().mmul(x);
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(gram, { assumeSymmetric: true });
  const limit = NOISE * largest(realEigenvalues);
  const kept = Array.from(realEigenvalues.keys()).filter((index) => realEigenvalues[index]! > limit);
  const squares = kept.map((index) => realEigenvalues[index]!);
  const vectors = eigenvectorMatrix.subMatrixColumn(kept);
  if (!isWide) return { scores: x.mmul(vectors), axes: vectors, squares };
  const roots = squares.map(Math.sqrt);
  const axes = x.transpose().mmul(vectors).divRowVector(roots);
  return { scores: vectors.mulRowVector(roots), axes, squares };
}

function shrunk(projected: Matrix, squares: readonly number[], penalty: number): Matrix {
  const factors = squares.map((square) => 1 / (square + penalty));
  return projected.clone().mulColumnVector(factors);
}

/** Predictions of each row by a regression on the others, [N, V], less the classes' shares. */
function leftOut(
  { scores, squares, projected, y }: Omit<Principal, 'axes'> & { projected: Matrix; y: Matrix },
  penalty: number,
): Matrix {
  const fitted = scores.mmul(shrunk(projected, squares, penalty));
  const left = Matrix.zeros(y.rows, y.columns);
  for (let row = 0; row < y.rows; row++) {
    let influence = 1 / y.rows; // of the constant
    for (const [axis, square] of squares.entries()) influence += scores.get(row, axis) ** 2 / (square + penalty);
    const others = Math.max(1e-6, 1 - influence);
    for (let label = 0; label < y.columns; label++)
      left.set(row, label, y.get(row, label) - (y.get(row, label) - fitted.get(row, label)) / others);
  }
  return left;
}

/** The factor of the scores with the least cross-entropy, and the accuracy, which no factor changes. */
function calibrate(
  left: Matrix,
  shares: readonly number[],
  labels: ArrayLike<number>,
): { readonly temperature: number; readonly accuracy: number } {
  let [hits, best, temperature] = [0, Infinity, 1];
  const rows = left.to2DArray().map((row) => row.map((score, label) => score + shares[label]!));
  for (const [place, row] of rows.entries()) {
    const top = row.reduce((most, score, label) => (score > row[most]! ? label : most), 0);
    hits += Number(top === labels[place]);
  }
  for (const factor of TEMPERATURES) {
    let nats = 0;
    for (const [place, row] of rows.entries()) {
      const most = row.reduce((highest, score) => Math.max(highest, score), -Infinity);
      const sum = row.reduce((total, score) => total + Math.exp(factor * (score - most)), 0);
      nats += Math.log(sum) - factor * (row[labels[place]!]! - most);
    }
    if (nats < best) [best, temperature] = [nats, factor];
  }
  return { temperature, accuracy: hits / labels.length };
}
