import { confusionMatrix, type Figure, heatMap, imageGrid } from '@motley/run/node';
import { take, type LabeledImages } from './data.ts';
import { predictAll } from './evaluate.ts';
import type { BranchingCnn } from './model.ts';
import type { Prediction } from './predict.ts';
import type { LabelTree } from './trees.ts';

const EXAMPLES_PER_BRANCH = 12;
const MOST_CLASSES_IN_A_MATRIX = 20;

/** Figures of a trained model on the test images, by file name. */
export async function drawFigures(model: BranchingCnn, test: LabeledImages): Promise<Record<string, Figure>> {
  model.eval();
  const predictions = await predictAll(model, test);
  const { tree } = model;
  return {
    ...(tree.members.length > 1 && {
      'confusion-of-groups': confusionOfGroups(predictions, test.labels, tree),
      routing: routingFigure(predictions, test.labels, tree),
    }),
    ...(tree.classNames.length <= MOST_CLASSES_IN_A_MATRIX && {
      'confusion-of-classes': confusionOfClasses(predictions, test.labels, tree),
    }),
    branches: await branchesFigure(model, predictions, test),
  };
}

/** Confusion matrix of the router. */
function confusionOfGroups(predictions: readonly Prediction[], labels: Uint8Array, tree: LabelTree): Figure {
  const size = tree.groupNames.length;
  const counts = new Float64Array(size * size);
  for (const [row, { group }] of predictions.entries()) counts[tree.groupOf[labels[row]!]! * size + group]!++;
  return confusionMatrix({ title: 'Groups of test images, as routed', counts, classNames: tree.groupNames });
}

/** Confusion matrix of the classes, ordered by group. */
function confusionOfClasses(predictions: readonly Prediction[], labels: Uint8Array, tree: LabelTree): Figure {
  const order = tree.members.flat();
  const size = order.length;
  const counts = new Float64Array(size * size);
  for (const [row, { ranking }] of predictions.entries())
    counts[order.indexOf(labels[row]!) * size + order.indexOf(ranking[0]!)]!++;
  return confusionMatrix({
    title: 'Classes of test images, as predicted',
    subtitle: `ordered by group: ${tree.groupNames.map((name, group) => `${name} (${tree.members[group]!.length})`).join(', ')}`,
    counts,
    classNames: order.map((label) => tree.classNames[label]!),
  });
}

/** Share of each class that each branch received. */
function routingFigure(predictions: readonly Prediction[], labels: Uint8Array, tree: LabelTree): Figure {
  const order = tree.members.flat();
  const branches = tree.groupNames.length;
  const counts = order.map(() => new Float64Array(branches));
  for (const [row, { group }] of predictions.entries()) counts[order.indexOf(labels[row]!)]![group]!++;
  const values = counts.flatMap((row) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    return [...row].map((count) => (100 * count) / Math.max(1, total));
  });
  return heatMap({
    title: 'Branch that ran, in % of each class of test images',
    xName: 'branch that ran',
    yName: 'group: class',
    values,
    decimals: 1,
    xLabels: tree.groupNames,
    yLabels: order.map((label) => `${tree.groupNames[tree.groupOf[label]!]!}: ${tree.classNames[label]!}`),
    width: Math.max(600, 240 + branches * 90),
    height: 140 + order.length * 26,
  });
}

/** The first test images that each branch received, a row per branch, and a row of wrongly routed images. */
function branchesFigure(
  { tree, imageShape }: BranchingCnn,
  predictions: readonly Prediction[],
  test: LabeledImages,
): Promise<Figure> {
  const sent = tree.groupNames.map((_, group) =>
    predictions.flatMap((each, row) => (each.group === group ? [row] : [])),
  );
  const lost = predictions.flatMap(({ group }, row) => (group === tree.groupOf[test.labels[row]!] ? [] : [row]));
  const rows = [...sent, lost].filter((row) => row.length > 0);
  const names = [...tree.groupNames, 'wrong branch'].filter((_, row) => [...sent, lost][row]!.length > 0);
  const [height, width, channels] = imageShape;
  const size = height * width * channels;
  const images = new Uint8Array(rows.length * EXAMPLES_PER_BRANCH * size).fill(255);
  for (const [row, positions] of rows.entries())
    images.set(take(test, positions.slice(0, EXAMPLES_PER_BRANCH), size).images, row * EXAMPLES_PER_BRANCH * size);
  return imageGrid({
    images,
    shape: [rows.length * EXAMPLES_PER_BRANCH, height, width, channels === 1 ? 1 : 3],
    columns: EXAMPLES_PER_BRANCH,
    scale: 2,
    title: 'Test images by the branch that ran',
    rowLabels: names,
  });
}
