import type { TransformAttrs, TransformInputs } from '@tensorflow/tfjs-core';
import { DataType } from '../c-api/types.ts';
import { stringAttribute, typeAttribute } from './attributes.ts';
import { define } from './kernel.ts';
import { NativeScope } from './native.ts';

/** tf.image.transform. */
export function registerImageKernels(): void {
  define<TransformInputs, TransformAttrs>('Transform', ({ inputs, attributes, backend }) =>
    NativeScope.run(backend, (scope) => {
      const { image, transforms } = inputs; // [N, H, W, C], [N or 1, 8]
      const { interpolation, fillMode, fillValue, outputShape } = attributes;
      const [, height = 0, width = 0] = image.shape;
      const operationAttributes = [
        typeAttribute('dtype', DataType.float32),
        stringAttribute('interpolation', interpolation.toUpperCase()),
        stringAttribute('fill_mode', fillMode.toUpperCase()),
      ];
      const handles = [
        scope.handleOf(image),
        scope.handleOf(transforms),
        scope.constant([2], DataType.int32, outputShape ?? [height, width]),
        scope.constant([], DataType.float32, [fillValue]),
      ];
      return scope.take(scope.execute('ImageProjectiveTransformV3', operationAttributes, handles, 1)[0]!);
    }),
  );
}
