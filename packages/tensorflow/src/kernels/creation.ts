import {
  type DataType as Dtype,
  type LinSpaceAttrs,
  type OneHotAttrs,
  type OneHotInputs,
  type RangeAttrs,
  zeros,
} from '@tensorflow/tfjs-core';
import { integer, integers, scalarOf } from '../backend/constant.ts';
import { define } from './kernel.ts';
import { execute, operation } from './operation.ts';

/** Registers kernels that make tensors from numbers. */
export function registerCreationKernels(): void {
  operation<object, { shape: number[]; value: string | number; dtype?: Dtype }>(
    'Fill',
    (_, { shape, value, dtype }) => {
      const type = dtype ?? (typeof value === 'number' ? 'float32' : 'string');
      return { inputs: [integers(shape), scalarOf(value, type)], types: { T: type, index_type: 'int32' } };
    },
  );
  operation<object, LinSpaceAttrs>('LinSpace', (_, { start, stop, num }) => ({
    inputs: [scalarOf(start, 'float32'), scalarOf(stop, 'float32'), integer(num)],
    types: { T: 'float32', Tidx: 'int32' },
  }));
  operation<OneHotInputs, OneHotAttrs>('OneHot', ({ indices }, { dtype, depth, onValue, offValue }) => ({
    inputs: [indices, integer(depth), scalarOf(onValue, dtype), scalarOf(offValue, dtype)],
    types: { T: dtype, TI: indices },
    attributes: { axis: -1 },
  }));
  // tfjs: a step of 1 counts down where the end is below the start; any other step in the wrong direction gives nothing.
  define<object, RangeAttrs>('Range', ({ attributes: { start, stop, step: given, dtype }, backend }) => {
    const step = stop < start && given === 1 ? -1 : given;
    if (start === stop || start < stop !== step > 0) return zeros([0], dtype);
    const inputs = [start, stop, step].map((value) => scalarOf(value, dtype));
    return execute('Range', { inputs, types: { Tidx: dtype } }, backend);
  });
}
