import type { TensorInfo } from '@tensorflow/tfjs-core';
import { AttributeType } from '../c-api/attributes.ts';
import { DataType } from '../c-api/types.ts';
import { booleanAttribute, stringAttribute, typeAttribute } from '../kernels/attributes.ts';
import { define } from '../kernels/kernel.ts';
import { NativeScope } from '../kernels/native.ts';

/** Attributes of `NormalizeChannels` and `NormalizeChannelsGradient`. */
interface NormalizeChannelsAttributes {
  /** Number added to the variance. */
  readonly epsilon: number;
}

interface ForwardInputs {
  readonly x: TensorInfo;
  readonly scale: TensorInfo;
  readonly shift: TensorInfo;
}

interface GradientInputs {
  readonly gradient: TensorInfo;
  readonly x: TensorInfo;
  readonly scale: TensorInfo;
  readonly mean: TensorInfo;
  readonly variance: TensorInfo;
}

const attributesOf = ({ epsilon }: NormalizeChannelsAttributes) => [
  typeAttribute('T', DataType.float32),
  typeAttribute('U', DataType.float32),
  { name: 'epsilon', type: AttributeType.float, value: epsilon },
  stringAttribute('data_format', 'NHWC'),
  booleanAttribute('is_training', true),
];

/**
 * Registers batch normalization (Ioffe & Szegedy, 2015, algorithm 1): each channel of x [B, H, W, C], float32,
 * normalized over all its values in one operation.
 *
 * `NormalizeChannels`: x, scale [C] and shift [C] → y [B, H, W, C], mean [C] and biased variance [C].
 * `NormalizeChannelsGradient`: gradient, x, scale, mean and variance → the gradients of x, scale and shift.
 */
export function registerChannelNormalizationKernels(): void {
  define<ForwardInputs, NormalizeChannelsAttributes>('NormalizeChannels', ({ inputs, attributes, backend }) =>
    NativeScope.run(backend, (scope) => {
      const none = scope.constant([0], DataType.float32, []); // training has no given moments
      const handles = [inputs.x, inputs.scale, inputs.shift].map((input) => scope.handleOf(input));
      const results = scope.execute('FusedBatchNormV2', attributesOf(attributes), [...handles, none, none], 5);
      const [y, , , mean, variance] = results; // results 1 and 2 are for running statistics
      return scope.takeAll([y!, mean!, variance!]);
    }),
  );
  define<GradientInputs, NormalizeChannelsAttributes>('NormalizeChannelsGradient', ({ inputs, attributes, backend }) =>
    NativeScope.run(backend, (scope) => {
      const { gradient, x, scale, mean, variance } = inputs;
      const handles = [gradient, x, scale, mean, variance].map((input) => scope.handleOf(input));
      return scope.takeAll(scope.execute('FusedBatchNormGradV2', attributesOf(attributes), handles, 5).slice(0, 3));
    }),
  );
}
