import * as tf from '@tensorflow/tfjs-core';

interface ConvolutionAttributes {
  readonly dilations?: number | [number, number] | null;
}

/**
 * Gradients of plain and depthwise convolutions, dilated ones included. TensorFlow.js refuses dilation (tfjs issue
 * 7906). A dilated filter equals a filter with zeros between its elements, so both gradients reduce to those of an
 * undilated convolution.
 */
export const convolutionGradients: readonly tf.GradConfig[] = ['Conv2D', 'DepthwiseConv2dNative'].map((kernelName) => ({
  kernelName,
  inputsToSave: ['x', 'filter'],
  gradFunc: (gradient, [x, filter], given) => {
    const { dilations } = given as unknown as ConvolutionAttributes;
    const dy = gradient as tf.Tensor;
    const apart = typeof dilations === 'number' ? ([dilations, dilations] as const) : (dilations ?? ([1, 1] as const));
    const run = (suffix: string, inputs: tf.NamedTensorMap, more: object): tf.Tensor =>
      tf.engine().runKernel(kernelName + suffix, inputs, { ...given, dilations: 1, ...more });
    return {
      x: () => run('BackpropInput', { dy, filter: spread(filter!, apart) }, { inputShape: x!.shape }),
      filter: () =>
        gather(run('BackpropFilter', { x: x!, dy }, { filterShape: spreadShape(filter!.shape, apart) }), apart),
    };
  },
}));

type Dilations = readonly [height: number, width: number];

const isDilated = ([height, width]: Dilations): boolean => height !== 1 || width !== 1;

function spreadShape(shape: readonly number[], dilations: Dilations): number[] {
  return shape.map((size, axis) => (axis < 2 ? (size - 1) * dilations[axis]! + 1 : size));
}

/** Inserts zeros between filter elements: [h, w, ...] → [(h - 1) dh + 1, (w - 1) dw + 1, ...]. */
function spread(filter: tf.Tensor, dilations: Dilations): tf.Tensor {
  if (!isDilated(dilations)) return filter;
  const [height = 0, width = 0, ...channels] = filter.shape;
  const apart = tf.reshape(filter, [height, 1, width, 1, ...channels]);
  const around: [number, number][] = [
    [0, 0],
    [0, dilations[0] - 1],
    [0, 0],
    [0, dilations[1] - 1],
    [0, 0],
    [0, 0],
  ];
  const whole = tf.reshape(tf.pad(apart, around), [height * dilations[0], width * dilations[1], ...channels]);
  return tf.slice(whole, [0, 0, 0, 0], spreadShape(filter.shape, dilations));
}

/** Inverse of `spread`: removes the inserted zeros. */
function gather(filter: tf.Tensor, dilations: Dilations): tf.Tensor {
  return isDilated(dilations) ? tf.stridedSlice(filter, [0, 0, 0, 0], filter.shape, [...dilations, 1, 1]) : filter;
}
