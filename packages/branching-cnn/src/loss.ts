import { type LossTerms, softmaxCrossEntropy } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';

/** Labels: groups [B] and positions within the group [B], int32. */
export interface Targets {
  readonly groups: tf.Tensor;
  readonly positions: tf.Tensor;
}

/**
 * -log p(class | x) = -log p(class | group, x) - log p(group | x), by the chain rule; means over the batch, in nats. The
 * first term is the cross-entropy of the branch of the true group, which must be the one that ran (teacher forcing). The
 * second is the router's cross-entropy, weighted by `routerWeight`.
 * @param groupLogits [B, G]
 * @param classLogits [B, M], from the branch of the true group
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
