import { NdArray } from './array.ts';
import type { Parameter } from './layers/layer.ts';

/** A parameter with the initial value `value` and a gradient of zeros. */
export function createParameter(name: string, value: NdArray, isRegularized: boolean): Parameter {
  return { name, value, gradient: NdArray.zeros(value.shape, value.dataType), isRegularized };
}

export function setGradient(parameter: Parameter, gradient: NdArray): void {
  parameter.gradient.values.set(gradient.contiguous());
}

/** Adds `bias` [C] to a contiguous array [..., C], in place. */
export function addBias(array: NdArray, bias: NdArray): NdArray {
  const { values } = array;
  const width = bias.size;
  for (let start = 0; start < values.length; start += width)
    for (let index = 0; index < width; index++) values[start + index]! += bias.values[index]!;
  return array;
}

/** Applies `fn` to each number. */
function map(array: NdArray, fn: (value: number) => number): NdArray {
  const values = array.contiguous();
  const result = NdArray.zeros(array.shape, array.dataType);
  for (let index = 0; index < values.length; index++) result.values[index] = fn(values[index]!);
  return result;
}

/** Applies `fn` to each pair of numbers of two arrays of the same shape. */
export function zip(a: NdArray, b: NdArray, fn: (a: number, b: number) => number): NdArray {
  const [left, right] = [a.contiguous(), b.contiguous()];
  const result = NdArray.zeros(a.shape, a.dataType);
  for (let index = 0; index < left.length; index++) result.values[index] = fn(left[index]!, right[index]!);
  return result;
}

export function scale(array: NdArray, factor: number): NdArray {
  return map(array, (value) => value * factor);
}

export function multiply(a: NdArray, b: NdArray): NdArray {
  return zip(a, b, (x, y) => x * y);
}
