import {
  add,
  floorDiv,
  isNaN,
  type MaxPoolWithArgmaxAttrs,
  type MaxPoolWithArgmaxInputs,
  mod,
  mul,
  pad,
  scalar,
  sub,
  type Tensor,
  type TensorInfo,
  tidy,
} from '@tensorflow/tfjs-core';
import type { TensorFlowBackend } from '../backend/backend.ts';
import { dataTypeOf } from '../backend/tensor-data.ts';
import { DataType } from '../c-api/types.ts';
import { booleanAttribute, integerAttribute, stringAttribute, typeAttribute } from './attributes.ts';
import { asTensor, define, select } from './kernel.ts';
import { areZero, perAxis, spatialPaddings } from './windows.ts';

/**
 * Registers tf.maxPoolWithArgmax. `x` is [B, H, W, C]. An index counts the elements of an image, or of the batch. NaN
 * is never a maximum.
 */
export function registerMaxPoolWithArgmax(): void {
  define<MaxPoolWithArgmaxInputs, MaxPoolWithArgmaxAttrs>(
    'MaxPoolWithArgmax',
    ({ inputs: { x }, attributes, backend }) => {
      const paddings = attributes.pad === 'same' ? [] : spatialPaddings(attributes.pad, 2, 1);
      return tidy(() => {
        const numbers = select(isNaN(asTensor(x)), scalar(-Infinity), x, backend);
        if (areZero(paddings)) return pool(numbers, attributes, backend);
        const padded = pad(numbers, [[0, 0], ...paddings, [0, 0]], -Infinity);
        const [maxima, indices] = pool(padded, { ...attributes, pad: 'valid' }, backend) as [Tensor, Tensor];
        return [maxima, withoutPadding(indices, padded, x, paddings)];
      });
    },
  );
}

function pool(
  x: TensorInfo,
  { filterSize, strides, pad: padding, includeBatchInIndex }: MaxPoolWithArgmaxAttrs,
  backend: TensorFlowBackend,
): Tensor[] {
  const attributes = [
    typeAttribute('T', dataTypeOf(x.dtype)),
    typeAttribute('Targmax', DataType.int64),
    integerAttribute('ksize', [1, ...perAxis(filterSize, 2), 1]),
    integerAttribute('strides', [1, ...perAxis(strides, 2), 1]),
    stringAttribute('padding', padding === 'same' ? 'SAME' : 'VALID'),
    booleanAttribute('include_batch_in_index', includeBatchInIndex),
  ];
  return backend.executeMultipleOutputs('MaxPoolWithArgmax', attributes, [x], 2);
}

/** Converts indices into the padded image to indices into the image. */
function withoutPadding(
  indices: Tensor,
  { shape: [, paddedHeight = 0, paddedWidth = 0] }: TensorInfo,
  { shape: [, height = 0, width = 0, channels = 0] }: TensorInfo,
  paddings: readonly (readonly [number, number])[],
): Tensor {
  const [[top], [left]] = paddings as [[number, number], [number, number]];
  const integer = (value: number): Tensor => scalar(value, 'int32');
  const pixel = floorDiv(indices, integer(channels));
  const row = floorDiv(pixel, integer(paddedWidth)); // counted over the batch
  const image = floorDiv(row, integer(paddedHeight));
  const y = sub(mod(row, integer(paddedHeight)), integer(top));
  const x = sub(mod(pixel, integer(paddedWidth)), integer(left));
  const rows = add(mul(image, integer(height)), y);
  return add(mul(add(mul(rows, integer(width)), x), integer(channels)), mod(indices, integer(channels)));
}
