import {
  backend_util,
  cast,
  ones,
  type RotateWithOffsetAttrs,
  type RotateWithOffsetInputs,
  tensor1d,
  tensor2d,
  type TensorInfo,
  tidy,
  type TransformAttrs,
  type TransformInputs,
} from '@tensorflow/tfjs-core';
import { integers, scalarOf } from '../backend/constant.ts';
import { asTensor, define, run, select } from './kernel.ts';
import { operation } from './operation.ts';

/** Registers tf.image.transform and rotateWithOffset. */
export function registerImageKernels(): void {
  operation<TransformInputs, TransformAttrs>('Transform', ({ image, transforms }, attributes) => {
    const { interpolation, fillMode, fillValue, outputShape } = attributes;
    return {
      name: 'ImageProjectiveTransformV3',
      // [N, H, W, C], [N or 1, 8]
      inputs: [image, transforms, integers(outputShape ?? image.shape.slice(1, 3)), scalarOf(fillValue, 'float32')],
      types: { dtype: 'float32' },
      attributes: { interpolation: interpolation.toUpperCase(), fill_mode: fillMode.toUpperCase() },
    };
  });
  define<RotateWithOffsetInputs, RotateWithOffsetAttrs>('RotateWithOffset', ({ inputs, attributes, backend }) => {
    const { image } = inputs; // [N, H, W, C]
    const { fillValue } = attributes;
    const [, height = 0, width = 0, channels = 0] = image.shape;
    return tidy(() => {
      const transforms = tensor2d([...rotation(attributes, height, width), 0, 0], [1, 8]);
      const rotate = (tensor: TensorInfo, fill: number): TensorInfo =>
        run('Transform', { image: tensor, transforms }, { ...NEAREST, fillValue: fill });
      if (typeof fillValue === 'number') return asTensor(rotate(image, fillValue));
      // The color of a fill value with full opacity.
      const color = Array.from({ length: channels }, (_, channel) => (channel === 3 ? 255 : fillValue[channel]!));
      const isInside = cast(asTensor(rotate(ones([1, height, width, 1]), 0)), 'bool');
      return select(isInside, rotate(image, 0), tensor1d(color), backend);
    });
  });
}

const NEAREST = { interpolation: 'nearest', fillMode: 'constant' } as const;

/**
 * Coefficients a₀, a₁, a₂, b₀, b₁, b₂ of the source (a₀x + a₁y + a₂, b₀x + b₁y + b₂) of a pixel of the rotated image.
 */
function rotation({ radians, center }: RotateWithOffsetAttrs, height: number, width: number): number[] {
  const [centerX, centerY] = backend_util.getImageCenter(center, height, width);
  const [sine, cosine] = [Math.sin(radians), Math.cos(radians)];
  const fromX = centerX - cosine * centerX + sine * centerY;
  const fromY = centerY - sine * centerX - cosine * centerY;
  return [cosine, -sine, fromX, sine, cosine, fromY];
}
