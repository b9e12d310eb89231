import { type LossTerms, softmaxCrossEntropy } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';

/** What an image is: group [B] and place in the group [B], int32. */
export interface Targets {
  readonly groups: tf.Tensor;
  readonly positions: tf.Tensor;
}

/**
 * -log p(class | x) = -log p(class | group, x) - log p(group | x), by the chain rule over the tree: means over the batch,
 * in nats. The branch that ran is that of the true group (the route is forced as a teacher would), so the classes' term is
 * that branch's alone; the router learns from its own.
 * @param groupLogits [B, G]
 * @param classLogits [B, M] of the true group's branch
 */
export function treeLoss(
  { groupLogits, classLogits }: { readonly groupLogits: tf.Tensor; readonly classLogits: tf.Tensor },
  { groups, positions }: Targets,
  { routerWeight }: { readonly routerWeight: number },
): LossTerms {
  return tf.tidy(() => {
    const branch = softmaxCrossEntropy(classLogits, positions);
    if (groupLogits.shape[1] === 1) return { loss: branch };
    const router = softmaxCrossEntropy(groupLogits, groups);
    return { loss: tf.add(branch, tf.mul(router, routerWeight)), branch, router };
  });
}
