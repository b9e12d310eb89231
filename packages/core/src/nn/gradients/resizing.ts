import '#gradients';
import * as tf from '@tensorflow/tfjs-core';
import { composedEinsum } from './einsum.ts';

interface ResizeAttributes {
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}

/** Interpolation weights [resized, size], row-major: the weight of input pixel `from` in output pixel `to`. */
type Weights = (size: number, resized: number, attributes: ResizeAttributes) => Float32Array;

/**
 * Gradients of image resizing. TensorFlow.js ignores `halfPixelCenters`, and its plain JavaScript gradient swaps height
 * and width. Resizing is a product with one matrix for the rows and one for the columns; so is this gradient.
 */
function resizing(kernelName: string, weightsOf: Weights): tf.GradConfig {
  const stock = tf.getGradient(kernelName);
  return {
    ...stock,
    gradFunc: (gradient, saved, attributes) => {
      const resize = attributes as unknown as ResizeAttributes;
      if (!resize.halfPixelCenters && tf.getBackend() !== 'cpu') return stock.gradFunc(gradient, saved, attributes);
      const dy = gradient as tf.Tensor4D; // [B, R, Q, C]
      const [, height = 0, width = 0] = saved[0]!.shape;
      const [, rows, columns] = dy.shape;
      return {
        images: () => {
          const byRows = tf.tensor2d(weightsOf(height, rows, resize), [rows, height]);
          const byColumns = tf.tensor2d(weightsOf(width, columns, resize), [columns, width]);
          return composedEinsum('bhqc,qw->bhwc', [composedEinsum('brqc,rh->bhqc', [dy, byRows]), byColumns]);
        },
      };
    },
  };
}

/** Position of output pixel `to` in input coordinates. */
function position(to: number, size: number, resized: number, { alignCorners, halfPixelCenters }: ResizeAttributes) {
  const scale = alignCorners && resized > 1 ? (size - 1) / (resized - 1) : size / resized;
  return halfPixelCenters ? (to + 0.5) * scale : to * scale;
}

const bilinear: Weights = (size, resized, attributes) => {
  const weights = new Float32Array(resized * size);
  for (let to = 0; to < resized; to++) {
    const center = position(to, size, resized, attributes) - (attributes.halfPixelCenters ? 0.5 : 0);
    const share = center - Math.floor(center);
    weights[to * size + Math.max(Math.floor(center), 0)]! += 1 - share;
    weights[to * size + Math.min(Math.ceil(center), size - 1)]! += share;
  }
  return weights;
};

const nearest: Weights = (size, resized, attributes) => {
  const weights = new Float32Array(resized * size);
  for (let to = 0; to < resized; to++) {
    const center = position(to, size, resized, attributes);
    const from = attributes.alignCorners ? Math.round(center) : Math.floor(center);
    weights[to * size + Math.min(from, size - 1)] = 1;
  }
  return weights;
};

export const resizingGradients: readonly tf.GradConfig[] = [
  resizing('ResizeBilinear', bilinear),
  resizing('ResizeNearestNeighbor', nearest),
];
