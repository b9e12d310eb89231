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
import { dataTypeOf } from '../backend/tensor-data.ts';
import { DataType } from '../c-api/types.ts';
import { booleanAttribute, typeAttribute } from './attributes.ts';
import { asTensor, define } from './kernel.ts';
import { NativeScope } from './native.ts';

/** Registers tf.searchSorted (lowerBound, upperBound) and tf.denseBincount. */
export function registerSearchKernels(): void {
  define<SearchSortedInputs, SearchSortedAttrs>('SearchSorted', ({ inputs, attributes, backend }) => {
    const { sortedSequence, values } = inputs;
    const dtype = sumOutType(upcastType(sortedSequence.dtype, values.dtype)); // TensorFlow does not order bool
    const operationAttributes = [typeAttribute('T', dataTypeOf(dtype)), typeAttribute('out_type', DataType.int32)];
    const name = attributes.side === 'left' ? 'LowerBound' : 'UpperBound';
    return tidy(() => {
      const tensors = [cast(asTensor(sortedSequence), dtype), cast(asTensor(values), dtype)];
      return backend.executeSingleOutput(name, operationAttributes, tensors);
    });
  });
  define<DenseBincountInputs, DenseBincountAttrs>('DenseBincount', ({ inputs, attributes, backend }) =>
    NativeScope.run(backend, (scope) => {
      const { x, weights } = inputs;
      const operationAttributes = [
        typeAttribute('Tidx', DataType.int32),
        typeAttribute('T', dataTypeOf(weights.dtype)),
        booleanAttribute('binary_output', attributes.binaryOutput ?? false),
      ];
      const handles = [
        scope.handleOf(x),
        scope.constant([], DataType.int32, [attributes.size]),
        scope.handleOf(weights),
      ];
      return scope.take(scope.execute('DenseBincount', operationAttributes, handles, 1)[0]!);
    }),
  );
}
