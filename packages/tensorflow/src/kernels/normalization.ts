import {
  add,
  type FusedBatchNormAttrs,
  type FusedBatchNormInputs,
  type LRNAttrs,
  type LRNGradAttrs,
  type LRNGradInputs,
  type LRNInputs,
  mul,
  ones,
  rsqrt,
  scalar,
  sub,
  type TensorInfo,
  tidy,
  zeros,
} from '@tensorflow/tfjs-core';
import { asTensor, define } from './kernel.ts';
import { executeAll, operation, type Operation } from './operation.ts';

/** Registers normalization by given moments (tf.batchNorm), and over neighboring channels. */
export function registerNormalizationKernels(): void {
  define<FusedBatchNormInputs, FusedBatchNormAttrs>('FusedBatchNorm', ({ inputs, attributes, backend }) => {
    const { x, mean, variance, scale, offset } = inputs as Record<string, TensorInfo | undefined>;
    const { varianceEpsilon } = attributes;
    return tidy(() => {
      // TensorFlow's operation takes one moment per channel of an image.
      if (mean!.shape.length > 1 || x!.shape.length !== 4) {
        const deviation = rsqrt(add(asTensor(variance!), scalar(varianceEpsilon)));
        const factor = scale === undefined ? deviation : mul(deviation, asTensor(scale));
        const normalized = mul(sub(asTensor(x!), asTensor(mean!)), factor);
        return offset === undefined ? normalized : add(normalized, asTensor(offset));
      }
      const normalization = {
        inputs: [x!, scale ?? ones(mean!.shape), offset ?? zeros(mean!.shape), mean!, variance!],
        types: { T: x! },
        attributes: { data_format: 'NHWC', is_training: false },
        floats: { epsilon: varianceEpsilon },
      };
      return executeAll('FusedBatchNorm', normalization, 5, backend)[0]!;
    });
  });
  operation<LRNInputs, LRNAttrs>('LRN', ({ x }, attributes) => ({ inputs: [x], ...overChannels(x, attributes) }));
  operation<LRNGradInputs, LRNGradAttrs>('LRNGrad', ({ x, y, dy }, attributes) => ({
    inputs: [dy, x, y],
    ...overChannels(dy, attributes),
  }));
}

function overChannels(
  x: TensorInfo,
  { depthRadius, bias, alpha, beta }: LRNAttrs,
): Pick<Operation, 'types' | 'attributes' | 'floats'> {
  return { types: { T: x }, attributes: { depth_radius: depthRadius }, floats: { bias, alpha, beta } };
}
