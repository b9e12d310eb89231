/** Costs of the two mistakes, in any unit; right decisions cost nothing. */
export interface Costs {
  readonly falsePositive: number;
  readonly falseNegative: number;
}

/** Decisions by a threshold, and what they cost. */
export interface Decision {
  readonly threshold: number;
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
  readonly trueNegatives: number;
  /** Mean cost of a row. */
  readonly cost: number;
}

/**
 * Probability from which acting is cheaper: c_FP / (c_FP + c_FN) (Elkan, "The foundations of cost-sensitive learning",
 * 2001, equation 2). It is right where probabilities are calibrated.
 */
export function thresholdOf({ falsePositive, falseNegative }: Costs): number {
  return falsePositive / (falsePositive + falseNegative);
}

/** Counts and mean cost of the decisions of a threshold. */
export function decide(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
  costs: Costs,
  threshold = thresholdOf(costs),
): Decision {
  const counts = [0, 0, 0, 0];
  for (let row = 0; row < labels.length; row++) counts[2 * labels[row]! + Number(probabilities[row]! >= threshold)]!++;
  const [trueNegatives, falsePositives, falseNegatives, truePositives] = counts as [number, number, number, number];
  const cost = (falsePositives * costs.falsePositive + falseNegatives * costs.falseNegative) / labels.length;
  return { threshold, truePositives, falsePositives, falseNegatives, trueNegatives, cost };
}
