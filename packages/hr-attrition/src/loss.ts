import { type LossTerms, softmaxCrossEntropy } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import type { HrAttritionConfig } from './config.ts';
import type { Task } from './table/table.ts';

/** Mean loss over members and rows, a scalar. @param outputs [M, B, O] @param targets [B] */
type MemberLoss = (outputs: tf.Tensor, targets: tf.Tensor) => tf.Tensor;

/**
 * −y log σ(z) − (1 − y) log(1 − σ(z)) = max(z, 0) − z y + log(1 + exp(−|z|)), mean over all: a scalar.
 * @param logits [M, B, 1]
 * @param targets [B], 0 or 1
 */
export function binaryCrossEntropy(logits: tf.Tensor, targets: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const labels = tf.reshape(targets, [1, -1, 1]);
    const rest = tf.log1p(tf.exp(tf.neg(tf.abs(logits))));
    return tf.mean(tf.add(tf.sub(tf.relu(logits), tf.mul(logits, labels)), rest));
  });
}

/** (ŷ − y)², mean over all: a scalar. @param values [M, B, 1] @param targets [B] */
function squaredError(values: tf.Tensor, targets: tf.Tensor): tf.Tensor {
  return tf.tidy(() => tf.mean(tf.square(tf.sub(values, tf.reshape(targets, [1, -1, 1])))));
}

/** Cross-entropy of each member's softmax, mean over all: a scalar. @param logits [M, B, O] @param targets [B] */
function classCrossEntropy(logits: tf.Tensor, targets: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const [members, rows, classes] = logits.shape as [number, number, number];
    const labels = tf.tile(tf.cast(targets, 'int32'), [members]);
    return softmaxCrossEntropy(tf.reshape(logits, [members * rows, classes]), labels);
  });
}

function memberLossOf(task: Task, kind: HrAttritionConfig['loss']['kind']): MemberLoss {
  if (task === 'number') return squaredError;
  if (task === 'multi-class') return classCrossEntropy;
  return kind === 'likelihood' ? binaryCrossEntropy : (logits, targets) => squaredError(tf.sigmoid(logits), targets);
}

/**
 * Mean loss of the members, each by itself as TabM trains them, plus λ/2 Σ W² of the weights.
 * @param outputs of the members, [M, B, O]
 * @param targets [B]: class indices, or scaled numbers
 */
export function tableLoss(
  outputs: tf.Tensor,
  targets: tf.Tensor,
  squaredWeights: { readonly network: tf.Tensor; readonly linear: tf.Tensor },
  { task, kind, penalty, linearPenalty }: HrAttritionConfig['loss'] & { readonly task: Task },
): LossTerms {
  return tf.tidy(() => {
    const fit = memberLossOf(task, kind)(outputs, targets);
    const decay = tf.add(tf.mul(squaredWeights.network, penalty / 2), tf.mul(squaredWeights.linear, linearPenalty / 2));
    return { loss: tf.add(fit, decay), fit };
  });
}
