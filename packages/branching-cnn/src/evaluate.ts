import { accuracy, meanTerms } from '@motley/core';
import type { EvaluationLimits } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import { meanMultiplyAdds, multiplyAdds } from './compute.ts';
import type { BranchingConfig } from './config.ts';
import { take, treeBatches, type BranchingData, type LabelledImages } from './data.ts';
import { treeLoss } from './loss.ts';
import type { BranchingCnn } from './model.ts';
import { predict, type Prediction } from './predict.ts';
import type { LabelTree } from './trees.ts';

/** Large, for there is no gradient to hold; the figures do not hang on it. */
const EVALUATION_BATCH_SIZE = 500;

/**
 * While training: the loss with the route forced, and how often branch and router are right by themselves; means over
 * the images.
 */
export function measure(
  model: BranchingCnn,
  images: LabelledImages,
  { loss }: Pick<BranchingConfig, 'loss'>,
  limits?: EvaluationLimits,
): Promise<Record<string, number>> {
  const batches = treeBatches(images, model, { batchSize: EVALUATION_BATCH_SIZE });
  return meanTerms(
    batches,
    (batch) => {
      const output = model.forward(batch.images, batch.groups.dataSync());
      const isRouted = tf.cast(tf.equal(tf.argMax(output.groupLogits, 1), batch.groups), 'float32');
      const isFound = tf.cast(tf.equal(tf.argMax(output.classLogits, 1), batch.positions), 'float32');
      return {
        ...treeLoss(output, batch, loss),
        accuracy: tf.mean(tf.mul(isRouted, isFound)),
        ...(model.router && { routingAccuracy: accuracy(output.groupLogits, batch.groups) }),
      };
    },
    limits,
  );
}

/** Predictions for all images, in their order: the router decides. */
export async function predictAll(
  model: BranchingCnn,
  images: LabelledImages,
  batchSize = EVALUATION_BATCH_SIZE,
): Promise<Prediction[]> {
  const predictions: Prediction[] = [];
  for await (const batch of treeBatches(images, model, { batchSize }).batches(0)) {
    predictions.push(...(await predict(model, batch.images)));
    tf.dispose(batch);
  }
  return predictions;
}

/** Top-1, top-5, routing accuracy, −log p(class) in nats. */
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

/** Images that are measured one small batch after the other. */
const OWN_STATISTICS_IMAGES = 1000;

/**
 * What batch normalisation hides: top-1 where each batch of the training's size is normalised by its own statistics, as
 * while training, on the first test images. The running statistics stay as they were.
 */
async function accuracyByBatchStatistics(
  model: BranchingCnn,
  test: LabelledImages,
  batchSize: number,
): Promise<number> {
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

/** The last figures of a model on images that it has not seen, compute per image included. */
export async function evaluate(
  model: BranchingCnn,
  test: LabelledImages,
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

/** What needs no picture: the most frequent class of the training images, and chance. */
export function baselines({ tree, training, test }: BranchingData): Record<string, Record<string, number>> {
  const counts = (labels: Uint8Array): number[] => tree.classNames.map((_, label) => labels.filter((each) => each === label).length); // prettier-ignore
  const inTraining = counts(training.labels);
  const ranking = inTraining.map((_, label) => label).sort((a, b) => inTraining[b]! - inTraining[a]!);
  const inTest = counts(test.labels);
  const top = (count: number): number => ranking.slice(0, count).reduce((sum, label) => sum + inTest[label]!, 0) / test.count; // prettier-ignore
  const logs = inTest.reduce((sum, count, label) => sum - count * Math.log((inTraining[label]! + 1) / (training.count + inTraining.length)), 0); // prettier-ignore
  return { majority: { loss: logs / test.count, accuracy: top(1), top5Accuracy: top(5) } };
}
