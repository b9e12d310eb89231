import * as tf from '@tensorflow/tfjs-core';
import type { BranchingCnn } from './model.ts';
import type { LabelTree } from './trees.ts';

/** What the network says of one image. */
export interface Prediction {
  /** The group whose branch ran: the router's first choice. */
  readonly group: number;
  /** [G], p(group). */
  readonly groupProbabilities: readonly number[];
  /**
   * [K], p(class): p(group) p(class | group) within the group whose branch ran; the others' branches did not, so that
   * their p(group) is spread evenly over their classes.
   */
  readonly probabilities: readonly number[];
  /** [K], classes from the likeliest on, those of the group whose branch ran first. */
  readonly ranking: readonly number[];
}

/**
 * Images in [0, 1], [B, H, W, C] → a prediction for each. The router decides, and the batch is split and joined again: a
 * branch sees exactly the images that are sent to it.
 */
export async function predict(model: BranchingCnn, images: tf.Tensor): Promise<Prediction[]> {
  const { features, route } = tf.tidy(() => {
    const shared = model.features(images);
    return { features: shared, route: tf.softmax(model.route(shared)) };
  });
  try {
    const routes = await rowsOf(route);
    const groups = routes.map((row) => row.indexOf(Math.max(...row)));
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
  // Above every probability, within the group in its own order.
  const score = (label: number): number => (groupOf[label] === group ? 1 + conditional[positionOf[label]!]! : probabilities[label]!); // prettier-ignore
  const ranking = probabilities.map((_, label) => label).sort((a, b) => score(b) - score(a));
  return { group, groupProbabilities, probabilities, ranking };
}

async function rowsOf(table: tf.Tensor): Promise<number[][]> {
  const [rows, columns] = table.shape as [number, number];
  const values = Array.from(await table.data());
  return Array.from({ length: rows }, (_, row) => values.slice(row * columns, (row + 1) * columns));
}
