/**
 * Losses that make embeddings of one person alike and those of others different.
 *
 * B batch, D coordinates of an embedding, V people that are trained on; x embeddings [B, D], W class weights [V, D], c
 * centers [V, D], y labels [B].
 */
import { accuracy, embedding, type LossTerms, softmaxCrossEntropy } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';

/** Squared lengths below this are taken for it: a vector of zeros has no direction. */
const SMALLEST_SQUARE = 1e-12;
/** Smallest squared sine of a margin: the slope of √ at 0 is infinite. */
const SMALLEST_SINE_SQUARE = 1e-7;

/** Rows of length 1: [N, D] → the same. A row of zeros stays one. */
export function unitRows(rows: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const squares = tf.sum(tf.square(rows), -1, true); // [N, 1]
    return tf.mul(rows, tf.rsqrt(tf.maximum(squares, SMALLEST_SQUARE)));
  });
}

/**
 * Center loss 1/2B Σᵢ ‖xᵢ − c_yᵢ‖² (Wen et al., "A discriminative feature learning approach for deep face recognition",
 * ECCV 2016, equation 2, as a mean): a scalar. Gradients reach the centers where they are trainable.
 */
export function centerLoss(embeddings: tf.Tensor, centers: tf.Tensor, labels: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const apart = tf.sub(embeddings, embedding(labels, centers)); // [B, D]
    return tf.mul(tf.mean(tf.sum(tf.square(apart), 1)), 0.5);
  });
}

/**
 * Centers after a batch, cⱼ − α Σᵢ [yᵢ = j] (cⱼ − xᵢ) / (1 + Σᵢ [yᵢ = j]) (Wen et al., 2016, equation 4 and algorithm 1):
 * [V, D]. People who are not in the batch keep theirs.
 * @param rate α, from 0 to 1
 */
export function movedCenters(centers: tf.Tensor, embeddings: tf.Tensor, labels: tf.Tensor, rate: number): tf.Tensor {
  return tf.tidy(() => {
    const members = tf.oneHot(labels, centers.shape[0], 1, 0, 'float32'); // [B, V]
    const counts = tf.expandDims(tf.sum(members, 0), 1); // [V, 1]
    const sums = tf.matMul(members, embeddings, true); // [V, D]
    const steps = tf.div(tf.sub(tf.mul(centers, counts), sums), tf.add(counts, 1));
    return tf.sub(centers, tf.mul(steps, rate));
  });
}

/** How a margin is taken from the cosine of the right class. */
export interface Margin {
  /** cosface: cos θ − m; arcface: cos(θ + m). */
  readonly kind: 'cosface' | 'arcface';
  /** m: of the cosine, or in radians. A scalar where it grows in training. */
  readonly margin: number | tf.Tensor;
  /** s, which the cosines are multiplied by. */
  readonly scale: number;
}

/**
 * Logits with a margin, [B, V]: s cos θ, and at the label s (cos θ − m) (Wang et al., "CosFace", CVPR 2018, equation 4) or
 * s cos(θ + m) (Deng et al., "ArcFace", CVPR 2019, equation 3). ArcFace's is computed as cos θ cos m − sin θ sin m, whose
 * gradient is finite at cos θ = ±1, where that of the arc cosine is not. Beyond θ = π − m, where cos(θ + m) would grow
 * again, it is cos θ − m sin m, as in the authors' program.
 * @param cosines [B, V]
 * @param labels [B], int32
 */
export function marginLogits(cosines: tf.Tensor, labels: tf.Tensor, { kind, margin, scale }: Margin): tf.Tensor {
  return tf.tidy(() => {
    const isLabel = tf.oneHot(labels, cosines.shape[1]!, 1, 0, 'float32'); // [B, V]
    const target = tf.sum(tf.mul(cosines, isLabel), 1, true); // [B, 1]
    const lowered = kind === 'cosface' ? tf.sub(target, margin) : turned(target, margin);
    return tf.mul(tf.add(cosines, tf.mul(isLabel, tf.sub(lowered, target))), scale);
  });
}

/** cos(θ + m) for cos θ, monotonic in θ. */
function turned(cosine: tf.Tensor, margin: number | tf.Tensor): tf.Tensor {
  const angle = typeof margin === 'number' ? tf.scalar(margin) : margin;
  const [cosineOf, sineOf] = [tf.cos(angle), tf.sin(angle)];
  const sine = tf.sqrt(tf.maximum(tf.sub(1, tf.square(cosine)), SMALLEST_SINE_SQUARE));
  const sum = tf.sub(tf.mul(cosine, cosineOf), tf.mul(sine, sineOf));
  const beyond = tf.sub(cosine, tf.mul(angle, sineOf));
  return tf.where(tf.greater(cosine, tf.neg(cosineOf)), sum, beyond); // cos(π − m) = −cos m
}

/** Cosines of embeddings and class weights: [B, V]. */
export function classCosines(embeddings: tf.Tensor, weights: tf.Tensor): tf.Tensor {
  return tf.tidy(() => tf.matMul(unitRows(embeddings), unitRows(weights), false, true));
}

/**
 * Cross-entropy in nats and the share of right classes, by the logits without a margin: scalars.
 * @param logits [B, V], with the margin
 * @param plain [B, V], without it
 */
export function classificationTerms(logits: tf.Tensor, plain: tf.Tensor, labels: tf.Tensor): LossTerms {
  return { loss: softmaxCrossEntropy(logits, labels), accuracy: accuracy(plain, labels) };
}

/**
 * How embeddings lie, as scalars without a gradient: `length`, the mean of their lengths, and `alike`, the mean cosine of
 * two of a batch. An `alike` near 1, or a length near 0, is a collapse: every picture has the same embedding.
 */
export function embeddingTerms(embeddings: tf.Tensor): { readonly length: tf.Tensor; readonly alike: tf.Tensor } {
  return tf.tidy(() => {
    const count = embeddings.shape[0];
    const length = tf.mean(tf.norm(embeddings, 'euclidean', 1));
    // Σᵢⱼ cos(xᵢ, xⱼ) is the squared length of the sum of the directions; the i = j among them are 1 each.
    const together = tf.sum(tf.square(tf.sum(unitRows(embeddings), 0)));
    return { length, alike: tf.div(tf.sub(together, count), Math.max(1, count * (count - 1))) };
  });
}
