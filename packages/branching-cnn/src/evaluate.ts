import { accuracy, isCorrect, meanTerms } from '@motley/core';
import type { EvaluationLimits } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import { meanMultiplyAdds, multiplyAdds } from './compute.ts';
import type { BranchingConfig } from './config.ts';
import { take, treeBatches, type BranchingData, type LabeledImages } from './data.ts';
import { treeLoss } from './loss.ts';
import type { BranchingCnn } from './model.ts';
import { predict, type Prediction } from './predict.ts';
import type { LabelTree } from './trees.ts';

/** Affects speed only. Large, as no gradients take memory. */
const EVALUATION_BATCH_SIZE = 500;

/**
 * Validation metrics, means over the images: the loss with each image in the branch of its true group, the accuracy
 * (router and branch both right), and the router's accuracy.
 */
export function measure(
  model: BranchingCnn,
  images: LabeledImages,
  { loss }: Pick<BranchingConfig, 'loss'>,
  limits?: EvaluationLimits,
): Promise<Record<string, number>> {
  const batches = treeBatches(images, model, { batchSize: EVALUATION_BATCH_SIZE });
  return meanTerms(
    batches,
    (batch) => {
      const output = model.forward(batch.images, batch.groups.dataSync());
      const isRouteRight = isCorrect(output.groupLogits, batch.groups);
      const isRight = tf.logicalAnd(isRouteRight, isCorrect(output.classLogits, batch.positions));
      return {
        ...treeLoss(output, batch, loss),
        accuracy: tf.mean(tf.cast(isRight, 'float32')),
        ...(model.router && { routingAccuracy: accuracy(output.groupLogits, batch.groups) }),
      };
    },
    limits,
  );
}

/** Predictions for all images, in their order. The router chooses the branch. */
export async function predictAll(
  model: BranchingCnn,
  images: LabeledImages,
  batchSize = EVALUATION_BATCH_SIZE,
): Promise<Prediction[]> {
  const predictions: Prediction[] = [];
  for await (const batch of treeBatches(images, model, { batchSize }).batches(0)) {
    for (const prediction of await predict(model, batch.images)) predictions.push(prediction);
    tf.dispose(batch);
  }
  return predictions;
}

/** Top-1 and top-5 accuracy, routing accuracy, and the loss −log p(class) in nats; means over the images. */
export function score(
  predictions: readonly Prediction[],
  labels: ArrayLike<number>,
  tree: LabelTree,
): Record<string, number> {
  const mean = (figure: (prediction: Prediction, label: number) => number): number =>
    predictions.reduce((sum, prediction, index) => sum + figure(prediction, labels[index]!), 0) / predictions.length;
  const top = (count: number) => mean(({ ranking }, label) => Number(ranking.slice(0, count).includes(label)));
  return {
    loss: mean(({ probabilities }, label) => -Math.log(Math.max(probabilities[label]!, Number.MIN_VALUE))),
    accuracy: top(1),
    top5Accuracy: top(5),
    ...(tree.members.length > 1 && {
      routingAccuracy: mean(({ group }, label) => Number(group === tree.groupOf[label])),
    }),
  };
}

/** Test images for {@link accuracyByBatchStatistics}, which runs small batches. */
const OWN_STATISTICS_IMAGES = 1000;

/**
 * Top-1 accuracy on the first test images in batches of the training's size, each normalized by its own statistics as in
 * training. The running statistics stay unchanged.
 */
async function accuracyByBatchStatistics(model: BranchingCnn, test: LabeledImages, batchSize: number): Promise<number> {
  const size = model.imageShape.reduce((product, length) => product * length, 1);
  const positions = Array.from({ length: Math.min(OWN_STATISTICS_IMAGES, test.count) }, (_, index) => index);
  const images = take(test, positions, size);
  const buffers = [...model.namedBuffers().values()].map((buffer) => [buffer, tf.clone(buffer)] as const);
  model.train();
  try {
    return score(await predictAll(model, images, batchSize), images.labels, model.tree).accuracy!;
  } finally {
    model.eval();
    for (const [buffer, before] of buffers) {
      buffer.assign(before);
      before.dispose();
    }
  }
}

/** Test metrics of a model, with its multiply-adds per image. */
export async function evaluate(
  model: BranchingCnn,
  test: LabeledImages,
  { model: config, training }: Pick<BranchingConfig, 'model' | 'training'>,
): Promise<Record<string, number>> {
  model.eval();
  const predictions = await predictAll(model, test);
  const { tree } = model;
  const shares = tree.members.map((_, group) => predictions.filter((each) => each.group === group).length / test.count);
  const compute = multiplyAdds(config, tree, model.imageShape);
  const all = compute.trunk + compute.router + compute.branches.reduce((sum, cost) => sum + cost, 0);
  return {
    ...score(predictions, test.labels, tree),
    multiplyAddsPerImage: meanMultiplyAdds(compute, shares),
    multiplyAddsOfAllBranches: all,
    ...(config.normalization === 'batch' && {
      accuracyByBatchStatistics: await accuracyByBatchStatistics(model, test, training.batchSize),
    }),
  };
}

/** Baseline without a model: classes ranked by their frequency in the training images. */
export function baselines({ tree, training, test }: BranchingData): Record<string, Record<string, number>> {
  const counts = (labels: Uint8Array): number[] =>
    tree.classNames.map((_, label) => labels.filter((each) => each === label).length);
  const inTraining = counts(training.labels);
  const ranking = inTraining.map((_, label) => label).sort((a, b) => inTraining[b]! - inTraining[a]!);
  const inTest = counts(test.labels);
  const top = (count: number): number =>
    ranking.slice(0, count).reduce((sum, label) => sum + inTest[label]!, 0) / test.count;
  // Add-one smoothing: a class may be missing from the training images.
  const probability = (label: number): number => (inTraining[label]! + 1) / (training.count + inTraining.length);
  const logs = inTest.reduce((sum, count, label) => sum - count * Math.log(probability(label)), 0);
  return { majority: { loss: logs / test.count, accuracy: top(1), top5Accuracy: top(5) } };
}
