import { pad, slice, type Tensor, type TensorInfo } from '@tensorflow/tfjs-core';
import { asTensor } from './kernel.ts';
import { outputSizes, type Padding, perAxis, type Rounding, spatialPaddings, spatialSizes } from './windows.ts';

interface Attributes {
  readonly strides: number | readonly number[];
  readonly pad: Padding;
  readonly dimRoundingMode?: Rounding;
}

/** The part of a padded image [B, …, C] that windows see. */
export interface SeenPart {
  /** Elements to add before and after each spatial axis; negative after it: elements that no window sees. */
  readonly paddings: readonly (readonly [before: number, after: number])[];
  readonly strides: readonly number[];
}

/** The part of an image [B, …, C] that a filter without dilation sees, with any padding of tfjs. */
export function seenPart(
  image: Pick<TensorInfo, 'shape'>,
  filterSizes: readonly number[],
  { strides, pad: padding, dimRoundingMode }: Attributes,
): SeenPart {
  const inputSizes = spatialSizes(image);
  const axes = inputSizes.length;
  const steps = perAxis(strides, axes);
  if (padding === 'same')
    return {
      strides: steps,
      paddings: inputSizes.map((size, axis) => {
        const total = (Math.ceil(size / steps[axis]!) - 1) * steps[axis]! + filterSizes[axis]! - size;
        const before = Math.floor(Math.max(0, total) / 2);
        return [before, total - before];
      }),
    };
  const paddings = spatialPaddings(padding, axes, 1);
  const outputs = outputSizes({ inputSizes, filterSizes, strides: steps, paddings }, dimRoundingMode);
  return {
    strides: steps,
    paddings: paddings.map(([before], axis) => [
      before,
      (outputs[axis]! - 1) * steps[axis]! + filterSizes[axis]! - inputSizes[axis]! - before,
    ]),
  };
}

export function partShape(shape: readonly number[], { paddings }: SeenPart): number[] {
  return shape.map((size, axis) => {
    const [before = 0, after = 0] = paddings[axis - 1] ?? [];
    return size + before + after;
  });
}

/** Cuts the part out of an image, with zeros in its padding. */
export function takePart(image: TensorInfo, part: SeenPart): Tensor {
  const grown = growing(part.paddings);
  const padded = grown.flat().every((count) => count === 0) ? asTensor(image) : pad(asTensor(image), grown);
  const shape = partShape(image.shape, part);
  return isOfShape(padded, shape)
    ? padded
    : slice(
        padded,
        shape.map(() => 0),
        shape,
      );
}

/** Puts the gradient of the part back into one of the image: the adjoint of `takePart`. */
export function returnPart(gradient: Tensor, { paddings }: SeenPart, shape: readonly number[]): Tensor {
  const unseen = gradient.shape.map((_, axis): [number, number] => [0, Math.max(0, -(paddings[axis - 1]?.[1] ?? 0))]);
  const start = gradient.shape.map((_, axis) => paddings[axis - 1]?.[0] ?? 0);
  return slice(pad(gradient, unseen), start, [...shape]);
}

function growing(paddings: SeenPart['paddings']): [number, number][] {
  return [[0, 0], ...paddings.map(([before, after]): [number, number] => [before, Math.max(0, after)]), [0, 0]];
}

function isOfShape({ shape }: Tensor, expected: readonly number[]): boolean {
  return shape.every((size, axis) => size === expected[axis]);
}
