import * as tf from '@tensorflow/tfjs-core';
import { customOperation } from '../../tensors/custom-operation.ts';
import { ctcExamples } from './examples.ts';
import { ctcRecursions } from './recursions.ts';

export interface CtcLossOptions {
  /** Class of the blank. Default 0. */
  readonly blank?: number;
  /** Whether labels that no path spells have loss 0. Default false: their loss is Infinity. */
  readonly zeroInfinity?: boolean;
}

/**
 * Connectionist temporal classification (Graves et al. 2006): losses −log p(labels | logits), float32 [B], in nats, as one
 * operation. p sums over the paths of T classes that become the labels when repetitions are merged and blanks removed.
 * The gradient is softmax − posterior. Anything beyond a length is ignored, NaN too.
 *
 * Labels that no path spells, because the sequence is shorter than labels and their repetitions, have loss Infinity or,
 * with `zeroInfinity`, 0. Their gradient is 0.
 *
 * @param logits float32 [B, T, V]
 * @param logitLengths int32 [B], in [0, T]
 * @param labels int32 [B, L], padded; in [0, V) and no blank
 * @param labelLengths int32 [B], in [0, L]
 * @throws Error naming tensors whose shapes or dtypes do not fit
 * @throws RangeError naming a blank, a label or a length outside, the latter two on CPUs; on other devices and in XLA the
 *   loss is NaN
 */
export function ctcLoss(
  logits: tf.Tensor,
  logitLengths: tf.Tensor,
  labels: tf.Tensor,
  labelLengths: tf.Tensor,
  { blank = 0, zeroInfinity = false }: CtcLossOptions = {},
): tf.Tensor {
  return customOperation(
    [logits],
    (save) => {
      const { examples, isValid } = ctcExamples({ logits, logitLengths, labels, labelLengths, blank });
      const { losses, byLogits } = ctcRecursions(examples);
      save([byLogits]);
      const known = zeroInfinity ? tf.where(tf.equal(losses, Infinity), tf.zerosLike(losses), losses) : losses;
      return isValid === undefined ? tf.clone(known) : tf.where(isValid, known, tf.fill(known.shape, NaN));
    },
    (gradient, [byLogits]) => [tf.mul(byLogits!, tf.reshape(gradient, [-1, 1, 1]))],
  );
}
