import '#gradients';
import * as tf from '@tensorflow/tfjs-core';
import { sumByIndex } from '../sum-by-index.ts';

/**
 * Gradient of a kernel that only moves elements of its input `x`. Applied to element indices, the same kernel tells
 * where each result came from. The gradients are summed at these sources.
 */
function bySource(kernelName: string): tf.GradConfig {
  return {
    kernelName,
    inputsToSave: ['x'],
    gradFunc: (gradient, [x], attributes) => ({
      x: () => toSources(kernelName, gradient as tf.Tensor, x!, {}, attributes),
    }),
  };
}

function toSources(
  kernelName: string,
  gradient: tf.Tensor,
  x: tf.Tensor,
  inputs: tf.NamedTensorMap,
  attributes: tf.NamedAttrMap,
): tf.Tensor {
  const numbers = tf.reshape(tf.range(0, x.size, 1, 'int32'), x.shape);
  const sources: tf.Tensor = tf.engine().runKernel(kernelName, { x: numbers, ...inputs }, attributes);
  const summed = sumByIndex(tf.reshape(gradient, [-1]), tf.reshape(sources, [-1]), x.size);
  return tf.reshape(summed, x.shape);
}

/** Gradient of `tf.gatherND`, missing in TensorFlow.js. */
const gatherNdGradient: tf.GradConfig = {
  kernelName: 'GatherNd',
  inputsToSave: ['params', 'indices'],
  gradFunc: (gradient, [params, indices]) => ({
    params: () => tf.scatterND(indices!, gradient as tf.Tensor, params!.shape),
    indices: () => tf.zerosLike(indices!),
  }),
};

/** Gradient of `tf.scatterND`, missing in TensorFlow.js. */
const scatterNdGradient: tf.GradConfig = {
  kernelName: 'ScatterNd',
  inputsToSave: ['indices'],
  gradFunc: (gradient, [indices]) => ({
    updates: () => tf.gatherND(gradient as tf.Tensor, indices!),
    indices: () => tf.zerosLike(indices!),
  }),
};

const stockGatherGradient = tf.getGradient('GatherV2');

/** Gradient of `tf.gather` for any number of batch dimensions. TensorFlow.js supports at most one. */
const gatherGradient: tf.GradConfig = {
  ...stockGatherGradient,
  gradFunc: (gradient, saved, attributes) => {
    const [x, indices] = saved as [tf.Tensor, tf.Tensor];
    if (attributes.batchDims === 0) return stockGatherGradient.gradFunc(gradient, saved, attributes);
    return {
      x: () => toSources('GatherV2', gradient as tf.Tensor, x, { indices }, attributes),
      indices: () => tf.zerosLike(indices),
    };
  },
};

/** Gradient of `tf.tile` for any number of axes, as one sum. TensorFlow.js adds slices, for at most four axes. */
const tileGradient: tf.GradConfig = {
  kernelName: 'Tile',
  inputsToSave: ['x'],
  gradFunc: (gradient, [x], attributes) => {
    const repetitions = attributes.reps as number[];
    return {
      x: () => {
        let sum = gradient as tf.Tensor;
        // One axis at a time, as some backends limit the rank.
        x!.shape.forEach((size, axis) => {
          if (repetitions[axis] === 1) return;
          const before = sum.shape.slice(0, axis);
          const after = sum.shape.slice(axis + 1);
          const count = (sizes: readonly number[]) => sizes.reduce((product, each) => product * each, 1);
          const apart = tf.reshape(sum, [count(before), repetitions[axis]!, size * count(after)]);
          sum = tf.reshape(tf.sum(apart, 1), [...before, size, ...after]);
        });
        return sum;
      },
    };
  },
};

/**
 * Gradients of `tf.split` and `tf.unstack`. TensorFlow.js fails where there is only one part, whose gradient comes
 * outside an array.
 */
const splitGradient: tf.GradConfig = {
  kernelName: 'SplitV',
  gradFunc: (gradients, _, attributes) => ({ x: () => tf.concat([gradients].flat(), attributes.axis as number) }),
};
const unstackGradient: tf.GradConfig = {
  kernelName: 'Unpack',
  gradFunc: (gradients, _, attributes) => ({ value: () => tf.stack([gradients].flat(), attributes.axis as number) }),
};

/**
 * Gradients of operations that move elements. TensorFlow.js has none, or wrong ones, for strided slices, mirror padding
 * (which drops the mirrored elements) and depth to space.
 */
export const rearrangementGradients: readonly tf.GradConfig[] = [
  bySource('DepthToSpace'),
  bySource('MirrorPad'),
  bySource('StridedSlice'),
  gatherGradient,
  gatherNdGradient,
  scatterNdGradient,
  splitGradient,
  tileGradient,
  unstackGradient,
];
