import { EigenvalueDecomposition, Matrix } from 'ml-matrix';

/** Points projected on the plane of their largest variance. */
export interface PrincipalPlane {
  /** Coordinates of the points in the plane, relative to their mean. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Fractions of the total variance along x and y. */
  readonly explained: readonly [number, number];
}

/**
 * Projects points on their first two principal components (Hotelling, 1933): eigenvectors of the covariance.
 * @param points [count, size], row-major
 */
export function projectOnPlane(points: ArrayLike<number>, count: number, size: number): PrincipalPlane {
  const centered = Matrix.from1DArray(count, size, points).center('column'); // [count, size]
  const covariance = centered.transpose().mmul(centered).div(count); // [size, size]
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(covariance, { assumeSymmetric: true });
  const total = covariance.trace();
  const component = (column: number): { along: Float64Array; explained: number } => {
    // One-dimensional points have no second component.
    if (column < 0) return { along: new Float64Array(count), explained: 0 };
    const direction = eigenvectorMatrix.getColumnVector(column);
    // The sign of an eigenvector is arbitrary. A fixed rule makes figures reproducible.
    if (direction.to1DArray().reduce((sum, value, axis) => sum + value / (axis + 1), 0) < 0) direction.mul(-1);
    return {
      along: Float64Array.from(centered.mmul(direction).to1DArray()),
      explained: realEigenvalues[column]! / total,
    };
  };
  const [first, second] = [component(size - 1), component(size - 2)]; // eigenvalues ascend
  return { x: first.along, y: second.along, explained: [first.explained, second.explained] };
}
