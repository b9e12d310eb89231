import { fit, orDispose, type RandomTensors, type TensorRunContext } from '@motley/core';
import type { TrainingResult } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import type { MaskDetectionConfig } from './config.ts';
import { type MaskData, sceneBatches } from './data.ts';
import { allMetrics, briefMetrics, judge } from './evaluate.ts';
import { type FasterRcnn, prepare } from './model.ts';
import { openDetector } from './weights.ts';

/**
 * Trains a detector, and measures its best weights on the test pictures. The caller disposes of the model.
 * @param say takes a line for the user
 * @throws UserError where weights do not fit; else what `fit` throws
 */
export async function train(
  settings: MaskDetectionConfig,
  data: MaskData,
  context: TensorRunContext,
  say: (line: string) => void,
): Promise<{ readonly model: FasterRcnn; readonly result: TrainingResult }> {
  const { training } = settings;
  const model = await openDetector(settings, data.classes.length, say);
  return orDispose(model, async () => {
    const result = await fit({
      ...context,
      ...training,
      model,
      trainingBatches: sceneBatches(data.training, settings),
      loss: ({ pictures, sizes, boxes, labels }, { random }) => {
        const changed = augment({ pictures, sizes, boxes }, training.maxBrightnessChange, random);
        return model.losses(prepare(changed.pictures, sizes), sizes, { boxes: changed.boxes, labels }, random);
      },
      validate: async () => briefMetrics(await judge(model, data.validation, settings), data.classes.length),
      test: async () => allMetrics(await judge(model, data.test, settings), data.classes),
    });
    return { model, result };
  });
}

interface Scenes {
  readonly pictures: tf.Tensor;
  readonly sizes: tf.Tensor;
  readonly boxes: tf.Tensor;
}

/** Pictures mirrored with probability ½, with another brightness and contrast, and their boxes. */
export function augment({ pictures, sizes, boxes }: Scenes, most: number, random: RandomTensors) {
  const batch = pictures.shape[0];
  const isMirrored = tf.less(random.uniform([batch, 1, 1, 1]), 0.5);
  const factor = tf.add(1, tf.mul(most, random.uniform([batch, 1, 1, 1], -1, 1)));
  const summand = tf.mul(most / 2, random.uniform([batch, 1, 1, 1], -1, 1));
  const bright = tf.clipByValue(tf.add(tf.mul(pictures, factor), summand), 0, 1);
  return {
    pictures: tf.where(isMirrored, mirrored(bright, sizes), bright),
    boxes: tf.where(tf.reshape(isMirrored, [batch, 1, 1]), mirroredBoxes(boxes, sizes), boxes),
  };
}

/** Each picture mirrored within its own width, which its frame may exceed: column x comes from width - 1 - x. */
function mirrored(pictures: tf.Tensor, sizes: tf.Tensor): tf.Tensor {
  const [, , width] = pictures.shape as [number, number, number];
  const columns = tf.sub(tf.sub(tf.slice(sizes, [0, 1], [-1, 1]), 1), tf.range(0, width)); // [B, W]
  const sources = tf.cast(tf.relu(columns), 'int32');
  const transposed = tf.transpose(pictures, [0, 2, 1, 3]); // [B, W, H, 3]
  return tf.transpose(tf.gather(transposed, sources, 1, 1), [0, 2, 1, 3]);
}

function mirroredBoxes(boxes: tf.Tensor, sizes: tf.Tensor): tf.Tensor {
  const widths = tf.expandDims(tf.slice(sizes, [0, 1], [-1, 1]), 2); // [B, 1, 1]
  const [left, top, right, bottom] = tf.split(boxes, 4, 2) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
  return tf.concat([tf.sub(widths, right), top, tf.sub(widths, left), bottom], 2);
}
