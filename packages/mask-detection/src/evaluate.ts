import { meanTerms } from '@motley/core';
import type { EvaluationLimits } from '@motley/run';
import { pointBatches, RADII, type MaskDetectionData, type Points } from './data.ts';
import { classificationLoss } from './loss.ts';
import type { MaskDetectionModel } from './model.ts';

/** Large, for there is no gradient to hold. */
const BATCH_SIZE = 1000;

/** Cross-entropy in nats per point and accuracy, on points that the model was not trained on. */
export function evaluate(
  model: MaskDetectionModel,
  points: Points,
  limits?: EvaluationLimits,
): Promise<Record<string, number>> {
  const batches = pointBatches(points, BATCH_SIZE);
  return meanTerms(batches, ({ positions, labels }) => classificationLoss(model.forward(positions), labels), limits);
}

/**
 * Cross-entropy and accuracy without a network, on the test points: the more frequent class of the training points, and
 * the optimum, which knows how the points were drawn.
 */
export function baselines(
  { training, test }: MaskDetectionData,
  noise: number,
): Record<string, { readonly loss: number; readonly accuracy: number }> {
  const outerShare = training.labels.reduce((sum, label) => sum + label, 0) / training.labels.length;
  return {
    majority: measure(test, () => outerShare),
    optimum: measure(test, (x, y) => outerProbability(Math.hypot(x, y), noise)),
  };
}

/**
 * P(outer | r) = 1 / (1 + exp((d₂² - d₁²) / 2σ²)), with dᵢ the distance of the radius r from that of ring i: Bayes' rule
 * with equal shares. A negative radius is too rare to matter.
 */
export function outerProbability(radius: number, noise: number): number {
  const [inner, outer] = RADII.map((mean) => (radius - mean) ** 2);
  return 1 / (1 + Math.exp((outer! - inner!) / (2 * noise ** 2)));
}

/** @param outerProbabilityAt probability of the outer ring at a point */
function measure({ positions, labels }: Points, outerProbabilityAt: (x: number, y: number) => number) {
  let [nats, hits] = [0, 0];
  for (const [index, label] of labels.entries()) {
    const outer = outerProbabilityAt(positions[2 * index]!, positions[2 * index + 1]!);
    nats -= Math.log(label === 1 ? outer : 1 - outer);
    hits += Number(Number(outer > 0.5) === label);
  }
  return { loss: nats / labels.length, accuracy: hits / labels.length };
}
