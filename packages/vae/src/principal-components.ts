/** The plane that holds most of some points. */
export interface PrincipalPlane {
  /** Coordinates of the points in it, from their mean. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** The two directions' parts of the whole variance. */
  readonly explained: readonly [number, number];
}

const ITERATIONS = 1000;

/**
 * Projects `count` points of `size` values each on their first two principal components (Hotelling, 1933), found by
 * power iteration on the covariance, the first taken out of it before the second.
 */
export function projectOnPlane(points: ArrayLike<number>, count: number, size: number): PrincipalPlane {
  const mean = Float64Array.from({ length: size }, (_, axis) => {
    let sum = 0;
    for (let row = 0; row < count; row++) sum += points[row * size + axis]!;
    return sum / count;
  });
  const covariance = Array.from({ length: size }, () => new Float64Array(size));
  for (let row = 0; row < count; row++)
    for (let i = 0; i < size; i++) {
      const scaled = (points[row * size + i]! - mean[i]!) / count;
      for (let j = 0; j < size; j++) covariance[i]![j]! += scaled * (points[row * size + j]! - mean[j]!);
    }
  const total = covariance.reduce((sum, row, axis) => sum + row[axis]!, 0);
  const first = leadingDirection(covariance);
  for (const [i, row] of covariance.entries())
    for (let j = 0; j < size; j++) row[j]! -= first.variance * first.direction[i]! * first.direction[j]!;
  const second = leadingDirection(covariance);
  const along = (direction: Float64Array): Float64Array =>
    Float64Array.from({ length: count }, (_, row) =>
      direction.reduce((sum, value, axis) => sum + value * (points[row * size + axis]! - mean[axis]!), 0),
    );
  return {
    x: along(first.direction),
    y: along(second.direction),
    explained: [first.variance / total, second.variance / total],
  };
}

function leadingDirection(matrix: readonly Float64Array[]): { direction: Float64Array; variance: number } {
  // Unequal entries: not at right angles to any direction that matters.
  let direction = Float64Array.from(matrix, (_, axis) => 1 / (axis + 1));
  let variance = 0;
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    const image = Float64Array.from(matrix, (row) =>
      row.reduce((sum, value, axis) => sum + value * direction[axis]!, 0),
    );
    variance = Math.hypot(...image);
    if (variance === 0) break;
    direction = image.map((value) => value / variance);
  }
  return { direction, variance };
}
