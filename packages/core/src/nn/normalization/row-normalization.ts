import * as tf from '@tensorflow/tfjs-core';
import { customOperation } from '../../tensors/custom-operation.ts';

/**
 * Layer normalization over the last axis, (x - mean) / √(variance + ε) · scale + shift (Ba et al., 2016, equation 4),
 * as one operation. Input [..., D], scale and shift [D] → float32 [..., D].
 */
export function layerNorm(input: tf.Tensor, scale: tf.Tensor, shift: tf.Tensor, epsilon = 1e-5): tf.Tensor {
  checkFeatures('layerNorm', input, { scale, shift });
  return customOperation(
    [input, scale, shift],
    (save) => {
      const mean = tf.mean(input, -1, true);
      const centered = tf.sub(input, mean);
      const inverse = inverseDeviation(centered, epsilon);
      save([input, mean, inverse, scale]); // saving the normalized input would take extra memory
      return tf.add(tf.mul(tf.mul(centered, inverse), scale), shift);
    },
    (gradient, [x, inputMean, inverse, savedScale]) => {
      const normalized = tf.mul(tf.sub(x!, inputMean!), inverse!);
      const product = tf.mul(gradient, normalized);
      const inner = tf.mul(gradient, savedScale!);
      const mean = tf.mean(inner, -1, true);
      const slope = tf.mean(tf.mul(product, savedScale!), -1, true);
      return [
        tf.mul(tf.sub(tf.sub(inner, mean), tf.mul(normalized, slope)), inverse!),
        sumOfRows(product),
        sumOfRows(gradient),
      ];
    },
  );
}

/**
 * RMS normalization over the last axis, x / √(mean(x²) + ε) · scale (Zhang & Sennrich, 2019, equation 4), as one
 * operation. Input [..., D], scale [D] → float32 [..., D].
 */
export function rmsNorm(input: tf.Tensor, scale: tf.Tensor, epsilon = 1e-6): tf.Tensor {
  checkFeatures('rmsNorm', input, { scale });
  return customOperation(
    [input, scale],
    (save) => {
      const inverse = inverseDeviation(input, epsilon);
      const normalized = tf.mul(input, inverse);
      save([input, inverse, scale]);
      return tf.mul(normalized, scale);
    },
    (gradient, [x, inverse, savedScale]) => {
      const normalized = tf.mul(x!, inverse!);
      const product = tf.mul(gradient, normalized);
      const slope = tf.mean(tf.mul(product, savedScale!), -1, true);
      const byNormalized = tf.sub(tf.mul(gradient, savedScale!), tf.mul(normalized, slope));
      return [tf.mul(byNormalized, inverse!), sumOfRows(product)];
    },
  );
}

/** 1 / √(mean(centered²) + ε), [..., D] → [..., 1]. */
function inverseDeviation(centered: tf.Tensor, epsilon: number): tf.Tensor {
  return tf.rsqrt(tf.add(tf.mean(tf.square(centered), -1, true), epsilon));
}

/** [..., D] → [D] */
function sumOfRows(rows: tf.Tensor): tf.Tensor {
  return tf.sum(tf.reshape(rows, [-1, rows.shape.at(-1)!]), 0);
}

function checkFeatures(operation: string, input: tf.Tensor, affine: Readonly<Record<string, tf.Tensor>>): void {
  const features = input.shape.at(-1);
  for (const [name, { shape }] of Object.entries(affine))
    if (shape.length !== 1 || shape[0] !== features)
      throw new Error(
        `${operation}: expected ${name} [${features ?? 'D'}] for an input [${input.shape.join(', ')}], ` +
          `got [${shape.join(', ')}]`,
      );
}
