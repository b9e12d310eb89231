import {
  type AvgPool3DAttrs,
  type AvgPool3DGradInputs,
  type AvgPoolInputs,
  divNoNan,
  type MaxPool3DGradInputs,
  ones,
  pad,
  slice,
  type Tensor,
  type TensorInfo,
  tidy,
  zeros,
  zerosLike,
} from '@tensorflow/tfjs-core';
import type { TensorFlowBackend } from '../backend/backend.ts';
import { integers } from '../backend/constant.ts';
import { asTensor, define, run } from './kernel.ts';
import { execute, type Operation } from './operation.ts';
import { seenPart } from './strided-windows.ts';
import {
  areZero,
  outputSizes,
  type Padding,
  perAxis,
  reachingPaddings,
  type Rounding,
  spatialPaddings,
  spatialSizes,
  type Windows,
} from './windows.ts';

interface PoolAttributes extends Pick<AvgPool3DAttrs, 'filterSize' | 'strides'> {
  readonly pad: Padding;
  readonly dimRoundingMode?: Rounding;
}

/** Padding before and after every axis of a tensor, batch and channels included. */
type Paddings = [number, number][];

/**
 * Registers pooling of `x` [B, …, C] over 2 and 3 spatial axes, and its gradients. TensorFlow lacks padding in numbers,
 * which is added to `x` first.
 */
export function registerPoolingKernels(): void {
  for (const dimensions of ['', '3D']) {
    const pool = (name: string, inputs: Record<string, TensorInfo>, attributes: PoolAttributes): Tensor =>
      run(name, inputs, { ...attributes, pad: 'valid' });
    const averagePool = `AvgPool${dimensions}`;
    const maximumPool = `MaxPool${dimensions}`;

    define<AvgPoolInputs, PoolAttributes>(averagePool, ({ inputs: { x }, attributes, backend }) =>
      forward(averagePool, x, attributes, backend, (paddings) => {
        const padded = pool(averagePool, { x: pad(asTensor(x), paddings) }, attributes);
        return divNoNan(padded, pool(averagePool, { x: coverage(x, paddings) }, attributes));
      }),
    );
    define<AvgPool3DGradInputs, PoolAttributes>(`${averagePool}Grad`, ({ inputs, attributes, backend }) => {
      const { dy, input } = inputs;
      const plain = () => poolBy(`${averagePool}Grad`, [integers(input.shape), dy], input, attributes, backend);
      return backward(dy, input, attributes, plain, (paddings) => {
        const covered = pool(averagePool, { x: coverage(input, paddings) }, attributes);
        const padded = pad(asTensor(input), paddings);
        return pool(`${averagePool}Grad`, { dy: divNoNan(asTensor(dy), covered), input: padded }, attributes);
      });
    });
    define<AvgPoolInputs, PoolAttributes>(maximumPool, ({ inputs: { x }, attributes, backend }) =>
      forward(maximumPool, x, attributes, backend, (paddings) =>
        pool(maximumPool, { x: pad(asTensor(x), paddings, smallest(x)) }, attributes),
      ),
    );
    define<MaxPool3DGradInputs, PoolAttributes>(`${maximumPool}Grad`, ({ inputs, attributes, backend }) => {
      const { dy, input, output } = inputs;
      const plain = () => poolBy(`${maximumPool}Grad`, [input, output, dy], input, attributes, backend);
      return backward(dy, input, attributes, plain, (paddings) => {
        const padded = pad(asTensor(input), paddings, smallest(input));
        return pool(`${maximumPool}Grad`, { dy, output, input: padded }, attributes);
      });
    });
  }
}

/** Runs TensorFlow's operation, whose windows are `same` or `valid`. */
function poolBy(
  name: string,
  inputs: Operation['inputs'],
  images: TensorInfo,
  { filterSize, strides, pad: padding }: PoolAttributes,
  backend: TensorFlowBackend,
): Tensor {
  const axes = spatialSizes(images).length;
  const attributes = {
    ksize: [1, ...perAxis(filterSize, axes), 1],
    strides: [1, ...perAxis(strides, axes), 1],
    padding: padding === 'same' ? 'SAME' : 'VALID',
  };
  return execute(name, { inputs, types: { T: images }, attributes }, backend);
}

/** Runs the operation `name` where it has the padding, else `pool` with explicit paddings. */
function forward(
  name: string,
  x: TensorInfo,
  attributes: PoolAttributes,
  backend: TensorFlowBackend,
  pool: (paddings: Paddings) => Tensor,
): TensorInfo {
  const plain = (images: TensorInfo) => poolBy(name, [images], images, attributes, backend);
  const windows = windowsOver(x, attributes);
  if (windows === 'same') {
    const { paddings } = seenPart(x, perAxis(attributes.filterSize, spatialSizes(x).length), attributes);
    // Without oneDNN, TensorFlow's windows over volumes see what strides beyond them should jump over.
    if (x.shape.length < 5 || paddings.every(([, after]) => after >= 0)) return plain(x);
    const size = x.shape.map((length, axis) => length + Math.min(0, paddings[axis - 1]?.[1] ?? 0));
    const start = size.map(() => 0);
    return tidy(() => plain(slice(asTensor(x), start, size)));
  }
  const outputs = outputSizes(windows, attributes.dimRoundingMode);
  if (outputs.includes(0)) return zeros([x.shape[0]!, ...outputs, x.shape.at(-1)!], x.dtype as 'float32');
  const paddings = reachingPaddings(windows, outputs);
  return areZero(paddings) ? plain(x) : tidy(() => pool([[0, 0], ...paddings, [0, 0]]));
}

/** As `forward`, for the gradient with respect to `input`; `pool` returns that with respect to the padded input. */
function backward(
  dy: TensorInfo,
  input: TensorInfo,
  attributes: PoolAttributes,
  plain: () => TensorInfo,
  pool: (paddings: Paddings) => Tensor,
): TensorInfo {
  const windows = windowsOver(input, attributes);
  if (windows === 'same') return plain();
  if (dy.shape.includes(0)) return zerosLike(asTensor(input));
  const paddings = reachingPaddings(windows, spatialSizes(dy));
  if (areZero(paddings)) return plain();
  const start = [0, ...paddings.map(([before]) => before), 0];
  return tidy(() => slice(pool([[0, 0], ...paddings, [0, 0]]), start, input.shape));
}

function windowsOver(x: TensorInfo, { filterSize, strides, pad: padding }: PoolAttributes): Windows | 'same' {
  if (padding === 'same') return padding;
  const inputSizes = spatialSizes(x);
  const axes = inputSizes.length;
  return {
    inputSizes,
    filterSizes: perAxis(filterSize, axes),
    strides: perAxis(strides, axes),
    paddings: spatialPaddings(padding, axes, 1),
  };
}

/** 1 where the padded input has an element, 0 in the padding, which an average does not count. */
function coverage(x: TensorInfo, paddings: Paddings): Tensor {
  return pad(ones([1, ...spatialSizes(x), 1]), paddings);
}

/** Padding that is never a window's maximum. */
function smallest({ dtype }: TensorInfo): number {
  return dtype === 'int32' ? -0x8000_0000 : -Infinity;
}
