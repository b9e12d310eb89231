/** Mean difference of two methods on the same folds, with its standard error. */
export interface CorrectedDifference {
  readonly mean: number;
  readonly standardError: number;
}

/**
 * Paired difference of two methods over the folds of a repeated cross-validation. Training rows overlap, so that the
 * usual standard error is too small: the variance is (1/J + n_test/n_training) σ̂² instead of σ̂²/J (Nadeau & Bengio,
 * "Inference for the generalization error", Machine Learning 52, 2003, section 3; Bouckaert & Frank, 2004).
 * @param left one value for each of the J folds
 * @param testRatio n_test / n_training
 * @throws RangeError where the folds are not the same, or fewer than two
 */
export function correctedDifference(
  left: readonly number[],
  right: readonly number[],
  testRatio: number,
): CorrectedDifference {
  if (left.length !== right.length || left.length < 2)
    throw new RangeError(`difference: expected values of the same folds, got ${left.length} and ${right.length}`);
  const differences = left.map((value, fold) => value - right[fold]!);
  const count = differences.length;
  const mean = differences.reduce((sum, each) => sum + each, 0) / count;
  const variance = differences.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (count - 1);
  return { mean, standardError: Math.sqrt((1 / count + testRatio) * variance) };
}
