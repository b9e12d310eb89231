import { EigenvalueDecomposition, inverse, Matrix } from 'ml-matrix';
import type { FacePictures } from '../sources/people.ts';
import type { PictureVectors } from './pairs.ts';

/** Directions that eigenfaces keep: all but this share of the variance, and at most so many. */
const KEPT_VARIANCE = 0.95;
const MAX_DIRECTIONS = 120;
/** Added to the scatter within people, as a share of its mean variance: some directions have none. */
const RIDGE = 1e-3;

/** Gray values of each picture with mean 0 and length 1: [N, S²]. */
export function grayVectors({
  squares,
  size,
  people,
}: Pick<FacePictures, 'squares' | 'size' | 'people'>): PictureVectors {
  const width = size * size;
  const values = new Float32Array(people.length * width);
  for (let picture = 0; picture < people.length; picture++) {
    const row = values.subarray(picture * width, (picture + 1) * width);
    let sum = 0;
    for (let at = 0; at < width; at++) {
      const pixel = 3 * (picture * width + at);
      row[at] = 0.299 * squares[pixel]! + 0.587 * squares[pixel + 1]! + 0.114 * squares[pixel + 2]!;
      sum += row[at]!;
    }
    let squaresSum = 0;
    for (let at = 0; at < width; at++) {
      row[at]! -= sum / width;
      squaresSum += row[at]! ** 2;
    }
    const length = Math.sqrt(squaresSum) || 1;
    for (let at = 0; at < width; at++) row[at]! /= length;
  }
  return { values, width, people };
}

/** A linear map of gray vectors, fitted on some pictures. */
export type Projection = (vectors: PictureVectors) => PictureVectors;

interface Components {
  readonly mean: Float64Array;
  /** [width, K], orthonormal columns. */
  readonly directions: Matrix;
}

/** Principal components by the Gram matrix of the pictures, which are fewer than the pixels. */
function componentsOf({ values, width }: PictureVectors): Components {
  const count = values.length / width;
  const mean = new Float64Array(width);
  for (let at = 0; at < values.length; at++) mean[at % width]! += values[at]! / count;
  const centered = new Matrix(count, width);
  for (let row = 0; row < count; row++)
    for (let at = 0; at < width; at++) centered.set(row, at, values[row * width + at]! - mean[at]!);
  const decomposition = new EigenvalueDecomposition(centered.mmul(centered.transpose()), { assumeSymmetric: true });
  const variances = decomposition.realEigenvalues;
  const order = Array.from(variances.keys()).sort((a, b) => variances[b]! - variances[a]!);
  const total = variances.reduce((sum, variance) => sum + Math.max(0, variance), 0);
  const kept: number[] = [];
  for (let covered = 0; kept.length < Math.min(MAX_DIRECTIONS, count - 1) && covered < KEPT_VARIANCE * total;) {
    const next = order[kept.length]!;
    kept.push(next);
    covered += variances[next]!;
  }
  const directions = centered.transpose().mmul(decomposition.eigenvectorMatrix.subMatrixColumn(kept)); // [width, K]
  for (let column = 0; column < kept.length; column++)
    directions.mulColumn(column, 1 / directions.getColumnVector(column).norm());
  return { mean, directions };
}

function project({ mean, directions }: Components, { values, width, people }: PictureVectors): PictureVectors {
  const columns = directions.columns;
  const output = new Float32Array(people.length * columns);
  const table = directions.transpose().to2DArray();
  for (let row = 0; row < people.length; row++)
    for (const [column, direction] of table.entries()) {
      let sum = 0;
      for (let at = 0; at < width; at++) sum += (values[row * width + at]! - mean[at]!) * direction[at]!;
      output[row * columns + column] = sum;
    }
  return { values: output, width: columns, people };
}

/** Eigenfaces (Turk & Pentland, "Eigenfaces for recognition", 1991): the principal components of the pictures. */
export function eigenfaces(fitted: PictureVectors): Projection {
  const components = componentsOf(fitted);
  return (vectors) => project(components, vectors);
}

/**
 * Fisherfaces (Belhumeur, Hespanha & Kriegman, "Eigenfaces vs. Fisherfaces", 1997, equation 5): of the principal
 * components, the directions in which people differ most for how much the pictures of one do.
 */
export function fisherfaces(fitted: PictureVectors): Projection {
  const components = componentsOf(fitted);
  const { values, width, people } = project(components, fitted);
  const rows = (person: number) => Array.from(people.keys()).filter((row) => people[row] === person);
  const at = (row: number) => Array.from(values.subarray(row * width, (row + 1) * width));
  const numbers = [...new Set(people)];
  const meanOf = (list: readonly (readonly number[])[]) =>
    list[0]!.map((_, axis) => list.reduce((sum, row) => sum + row[axis]!, 0) / list.length);
  const whole = meanOf(Array.from(people.keys(), at));
  const [within, between] = [Matrix.zeros(width, width), Matrix.zeros(width, width)];
  for (const person of numbers) {
    const own = rows(person).map(at);
    const mean = meanOf(own);
    const apart = Matrix.columnVector(mean.map((value, axis) => value - whole[axis]!));
    between.add(apart.mmul(apart.transpose()).mul(own.length));
    for (const row of own) {
      const inside = Matrix.columnVector(row.map((value, axis) => value - mean[axis]!));
      within.add(inside.mmul(inside.transpose()));
    }
  }
  within.add(Matrix.eye(width, width, (RIDGE * within.trace()) / width || 1));
  // With S the scatter within to the power −½, the directions are S u for the eigenvectors u of S between S.
  const whitening = inverseRoot(within);
  const decomposition = new EigenvalueDecomposition(whitening.mmul(between).mmul(whitening), { assumeSymmetric: true });
  const order = Array.from(decomposition.realEigenvalues.keys()).sort(
    (a, b) => decomposition.realEigenvalues[b]! - decomposition.realEigenvalues[a]!,
  );
  const kept = order.slice(0, Math.min(width, numbers.length - 1));
  const fisher = whitening.mmul(decomposition.eigenvectorMatrix.subMatrixColumn(kept)); // [K, people − 1]
  const directions = components.directions.mmul(fisher);
  return (vectors) => project({ mean: components.mean, directions }, vectors);
}

/** S^(−1/2) of a symmetric matrix. */
function inverseRoot(matrix: Matrix): Matrix {
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(matrix, { assumeSymmetric: true });
  const roots = Matrix.diag(realEigenvalues.map(Math.sqrt));
  return eigenvectorMatrix.mmul(inverse(roots)).mmul(eigenvectorMatrix.transpose());
}
