import * as tf from '@tensorflow/tfjs-core';
import { customOperation } from '../tensors/custom-operation.ts';
import { hasKernel } from '../tensors/has-kernel.ts';
import { nanOutside, requireIndices } from './indices.ts';
import { sumByIndex } from './sum-by-index.ts';

export interface SoftmaxCrossEntropyOptions {
  /**
   * ε of label smoothing: the target is 1 - ε at the label, plus ε/V for every class (Szegedy et al., 2016). Default 0.
   */
  readonly labelSmoothing?: number;
  /** Label of rows to leave out, whatever their logits. Default: none. */
  readonly ignoreIndex?: number;
  /** `mean` averages over the rows that are not ignored; without any it is 0. Default `mean`. */
  readonly reduction?: 'mean' | 'sum' | 'none';
}

/**
 * Softmax cross-entropy with integer labels, -Σᵥ tᵥ log softmax(logits)ᵥ, as one operation. Logits float32 [..., V] and
 * labels int32 [...] in [0, V) give a scalar, in nats, or [...] with reduction `none`. A label outside [0, V) is an error
 * on CPUs; on other devices and in XLA, where an error would wait for the device, its loss is NaN.
 * @throws Error naming labels that are not int32 or do not fit the logits, or a smoothing outside [0, 1]
 * @throws RangeError naming a label outside [0, V), on CPUs
 */
export function softmaxCrossEntropy(
  logits: tf.Tensor,
  labels: tf.Tensor,
  { labelSmoothing = 0, ignoreIndex, reduction = 'mean' }: SoftmaxCrossEntropyOptions = {},
): tf.Tensor {
  check(logits, labels, labelSmoothing);
  return tf.tidy(() => {
    const classes = logits.shape.at(-1)!;
    const rows = tf.reshape(logits, [-1, classes]); // [N, V]
    const flat = tf.reshape(labels, [-1]); // [N]
    if (ignoreIndex === undefined) {
      const losses = crossEntropyOfRows(rows, flat, labelSmoothing, undefined);
      return reduction === 'none' ? tf.reshape(losses, labels.shape) : tf[reduction](losses);
    }
    const counts = tf.notEqual(flat, ignoreIndex);
    const valid = tf.mul(flat, tf.cast(counts, 'int32')); // an ignored label may lie outside [0, V)
    const losses = crossEntropyOfRows(rows, valid, labelSmoothing, counts);
    if (reduction === 'none') return tf.reshape(losses, labels.shape);
    const sum = tf.sum(losses);
    return reduction === 'sum' ? sum : tf.div(sum, tf.maximum(tf.sum(tf.cast(counts, 'float32')), 1));
  });
}

/** Logits [N, V], labels [N], and for each row whether it counts, bool [N] → losses [N], 0 where it does not. */
type CrossEntropy = (
  logits: tf.Tensor,
  labels: tf.Tensor,
  smoothing: number,
  counts: tf.Tensor | undefined,
) => tf.Tensor;

const crossEntropyOfRows: CrossEntropy = (logits, labels, ...rest) => {
  requireIndices(labels, logits.shape[1]!, 'softmaxCrossEntropy: expected labels');
  return hasKernel('SparseSoftmaxCrossEntropy')
    ? fusedCrossEntropy(logits, labels, ...rest)
    : composedCrossEntropy(logits, labels, ...rest);
};

/** Values of rows, [N] or [N, V], with 0 in the rows that do not count. No product: a value there may be NaN. */
function counted(values: tf.Tensor, counts: tf.Tensor | undefined): tf.Tensor {
  if (counts === undefined) return values;
  return tf.where(values.rank === 1 ? counts : tf.expandDims(counts, 1), values, tf.zerosLike(values));
}

/** Uses kernels that return losses and gradients in one pass over the logits. */
const fusedCrossEntropy: CrossEntropy = (logits, labels, smoothing, counts) => {
  return customOperation(
    [logits],
    (save) => {
      const run = (kernel: string, inputs: tf.NamedTensorMap): tf.Tensor[] => tf.engine().runKernel(kernel, inputs, {});
      const [losses, byLogits] =
        smoothing === 0
          ? run('SparseSoftmaxCrossEntropy', { logits, labels })
          : run('SoftmaxCrossEntropy', { logits, targets: smoothTargets(labels, logits.shape[1]!, smoothing) });
      save([byLogits!, ...(counts ? [counts] : [])]);
      return counted(smoothing === 0 ? losses! : nanOutside(losses!, labels, logits.shape[1]!), counts);
    },
    (gradient, [byLogits, saved]) => [counted(tf.mul(byLogits!, tf.expandDims(gradient, 1)), saved)],
  );
};

/** Smoothed one-hot targets, [N, V]. */
function smoothTargets(labels: tf.Tensor, classes: number, smoothing: number): tf.Tensor {
  const elsewhere = smoothing / classes;
  // A lookup in 0 … V − 1: it refuses a label outside, for which the one-hot encoding has zeros.
  const checked = tf.gather(tf.range(0, classes, 1, 'int32'), labels);
  return tf.oneHot(checked, classes, 1 - smoothing + elsewhere, elsewhere, 'float32');
}

/** log Z - (1 - ε) z_label - ε mean(z), with z = logits - max(logits) and Z = Σ eᶻ. */
const composedCrossEntropy: CrossEntropy = (logits, labels, smoothing, counts) => {
  const [rows, classes] = logits.shape as [number, number];
  return customOperation(
    [logits],
    (save) => {
      const shifted = tf.sub(logits, tf.max(logits, -1, true));
      const logSum = tf.log(tf.sum(tf.exp(shifted), -1, true)); // [N, 1]
      const places = tf.add(tf.range(0, rows * classes, classes, 'int32'), labels); // flat, in [N V]
      save([shifted, logSum, places, ...(counts ? [counts] : [])]);
      const ofLabels = tf.gather(tf.reshape(shifted, [-1]), places); // [N]
      const losses = tf.sub(tf.reshape(logSum, [rows]), tf.mul(ofLabels, 1 - smoothing));
      const smoothed = smoothing === 0 ? losses : tf.sub(losses, tf.mul(tf.mean(shifted, -1), smoothing));
      return counted(nanOutside(smoothed, labels, classes), counts);
    },
    (gradient, [shifted, logSum, places, saved]) => {
      const softmax = tf.exp(tf.sub(shifted!, logSum!));
      const onLabels = sumByIndex(tf.fill([rows], 1 - smoothing), places!, rows * classes);
      const onAll = smoothing === 0 ? softmax : tf.sub(softmax, smoothing / classes);
      const byLogits = tf.sub(onAll, tf.reshape(onLabels, [rows, classes]));
      return [counted(tf.mul(byLogits, tf.expandDims(gradient, 1)), saved)];
    },
  );
};

function check(logits: tf.Tensor, labels: tf.Tensor, labelSmoothing: number): void {
  if (labels.dtype !== 'int32') throw new Error(`softmaxCrossEntropy: expected int32 labels, got ${labels.dtype}`);
  if (logits.rank < 1 || logits.shape.slice(0, -1).join() !== labels.shape.join())
    throw new Error(
      `softmaxCrossEntropy: expected logits [..., V] and labels [...], ` +
        `got [${logits.shape.join(', ')}] and [${labels.shape.join(', ')}]`,
    );
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1))
    throw new RangeError(`softmaxCrossEntropy: expected a labelSmoothing in [0, 1], got ${labelSmoothing}`);
}
