import { largest } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import type { BranchingCnn } from './model.ts';
import type { LabelTree } from './trees.ts';

/** Prediction for one image. */
export interface Prediction {
  /** Group whose branch ran: the router's most probable one. */
  readonly group: number;
  /** [G], p(group). */
  readonly groupProbabilities: readonly number[];
  /**
   * [K], p(class). In the group whose branch ran it is p(group) p(class | group). The other branches did not run, so
   * their p(group) is spread evenly over their classes.
   */
  readonly probabilities: readonly number[];
  /** [K], classes by falling probability; those of the group whose branch ran come first. */
  readonly ranking: readonly number[];
}

/**
 * Predicts each image with the branch that the router chooses.
 * @param images [B, H, W, C] in [0, 1]
 */
export async function predict(model: BranchingCnn, images: tf.Tensor): Promise<Prediction[]> {
  const { features, route } = tf.tidy(() => {
    const shared = model.features(images);
    return { features: shared, route: tf.softmax(model.route(shared)) };
  });
  try {
    const routes = await rowsOf(route);
    const groups = routes.map((row) => row.indexOf(largest(row)));
    const classes = tf.tidy(() => tf.softmax(model.classify(features, groups)));
    const conditionals = await rowsOf(classes);
    classes.dispose();
    return groups.map((group, row) => describe(model.tree, group, routes[row]!, conditionals[row]!));
  } finally {
    tf.dispose([features, route]);
  }
}

function describe(
  { members, groupOf, positionOf }: LabelTree,
  group: number,
  groupProbabilities: readonly number[],
  conditional: readonly number[],
): Prediction {
  const probabilities = groupOf.map((other, label) =>
    other === group
      ? groupProbabilities[group]! * conditional[positionOf[label]!]!
      : groupProbabilities[other]! / members[other]!.length,
  );
  // 1 + p(class | group) lies above every probability of the other groups.
  const score = (label: number): number =>
    groupOf[label] === group ? 1 + conditional[positionOf[label]!]! : probabilities[label]!;
  const ranking = probabilities.map((_, label) => label).sort((a, b) => score(b) - score(a));
  return { group, groupProbabilities, probabilities, ranking };
}

async function rowsOf(table: tf.Tensor): Promise<number[][]> {
  const [rows, columns] = table.shape as [number, number];
  const values = Array.from(await table.data());
  return Array.from({ length: rows }, (_, row) => values.slice(row * columns, (row + 1) * columns));
}
