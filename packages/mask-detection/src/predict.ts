import { UserError, shown } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import type { MaskDetectionModel } from './model.ts';

/** Probability of the outer ring at each point. @param positions [N, 2] */
export async function predict(model: MaskDetectionModel, positions: Float32Array): Promise<Float32Array> {
  const probabilities = tf.tidy(() => {
    const logits = model.forward(tf.tensor2d(positions, [positions.length / 2, 2]));
    return tf.slice(tf.softmax(logits), [0, 1], [-1, 1]); // [N, 1]
  });
  const values = await probabilities.data<'float32'>();
  probabilities.dispose();
  return values;
}

/**
 * Reads points as users write them, `x,y` each.
 * @returns [N, 2]
 * @throws UserError naming the point that is none
 */
export function parsePoints(texts: readonly string[]): Float32Array {
  if (texts.length === 0) throw new UserError('predict: expected at least one point as x,y, got none');
  return Float32Array.from(
    texts.flatMap((text) => {
      const parts = text.split(',');
      const values = parts.map(Number);
      if (parts.length !== 2 || parts.some((part) => part.trim() === '') || !values.every(Number.isFinite))
        throw new UserError(`predict: expected a point as x,y, got ${shown(text)}`);
      return values;
    }),
  );
}
