import {
  cast,
  type DenseBincountAttrs,
  type DenseBincountInputs,
  type SearchSortedAttrs,
  type SearchSortedInputs,
  sumOutType,
  tidy,
  upcastType,
} from '@tensorflow/tfjs-core';
import { integer } from '../backend/constant.ts';
import { asTensor, define } from './kernel.ts';
import { execute, operation } from './operation.ts';

/** Registers tf.searchSorted (lowerBound, upperBound) and tf.denseBincount. */
export function registerSearchKernels(): void {
  define<SearchSortedInputs, SearchSortedAttrs>('SearchSorted', ({ inputs, attributes, backend }) => {
    const { sortedSequence, values } = inputs;
    const dtype = sumOutType(upcastType(sortedSequence.dtype, values.dtype)); // TensorFlow does not order bool
    const name = attributes.side === 'left' ? 'LowerBound' : 'UpperBound';
    return tidy(() => {
      const inputs = [cast(asTensor(sortedSequence), dtype), cast(asTensor(values), dtype)];
      return execute(name, { inputs, types: { T: dtype, out_type: 'int32' } }, backend);
    });
  });
  operation<DenseBincountInputs, DenseBincountAttrs>('DenseBincount', ({ x, weights }, { size, binaryOutput }) => ({
    inputs: [x, integer(size), weights],
    types: { Tidx: 'int32', T: weights },
    attributes: { binary_output: binaryOutput ?? false },
  }));
}
