import type {
  SparseFillEmptyRowsInputs,
  SparseReshapeInputs,
  SparseSegmentMeanInputs,
  TensorInfo,
} from '@tensorflow/tfjs-core';
import type { TensorFlowBackend } from '../backend/backend.ts';
import { dataTypeOf } from '../backend/tensor-data.ts';
import { DataType } from '../c-api/types.ts';
import { typeAttribute } from './attributes.ts';
import { define, type Present } from './kernel.ts';
import { withTfjsMessages } from './messages.ts';
import { NativeScope } from './native.ts';

/** Registers tf.sparse by TensorFlow's operations of the same names. Their indices and shapes are int64. */
export function registerSparseKernels(): void {
  define<SparseFillEmptyRowsInputs>('SparseFillEmptyRows', ({ inputs, backend }) =>
    chain(backend, (scope) => {
      const { indices, values, denseShape, defaultValue } = inputs;
      const handles = [
        scope.widen(indices),
        scope.handleOf(values),
        scope.widen(denseShape),
        scope.handleOf(defaultValue),
      ];
      const type = typeAttribute('T', dataTypeOf(values.dtype));
      return scope.takeAll(scope.execute('SparseFillEmptyRows', [type], handles, 4));
    }),
  );
  define<SparseReshapeInputs>('SparseReshape', ({ inputs, backend }) =>
    chain(backend, (scope) => {
      const handles = [inputs.inputIndices, inputs.inputShape, inputs.newShape].map((input) => scope.widen(input));
      return scope.takeAll(scope.execute('SparseReshape', [], handles, 2));
    }),
  );
  define<SparseSegmentMeanInputs>('SparseSegmentSum', ({ inputs, backend }) =>
    segmentReduction('SparseSegmentSum', inputs, dataTypeOf(inputs.data.dtype), backend),
  );
  // TensorFlow averages only real numbers. tfjs rounds the mean of integers towards zero.
  define<SparseSegmentMeanInputs>('SparseSegmentMean', ({ inputs, backend }) => {
    const computeType = inputs.data.dtype === 'float32' ? DataType.float32 : DataType.float64;
    return segmentReduction('SparseSegmentMean', inputs, computeType, backend);
  });
}

function segmentReduction(
  name: string,
  { data, indices, segmentIds }: Present<SparseSegmentMeanInputs>,
  computeType: number,
  backend: TensorFlowBackend,
): TensorInfo {
  return chain(backend, (scope) => {
    const dataType = dataTypeOf(data.dtype);
    const attributes = [
      typeAttribute('T', computeType),
      typeAttribute('Tidx', DataType.int32),
      typeAttribute('Tsegmentids', DataType.int32),
    ];
    const values = scope.cast(scope.handleOf(data), dataType, computeType);
    const handles = [values, scope.handleOf(indices), scope.handleOf(segmentIds)];
    const result = scope.execute(name, attributes, handles, 1)[0]!;
    return scope.take(scope.cast(result, computeType, dataType));
  });
}

function chain<T>(backend: TensorFlowBackend, body: (scope: NativeScope) => T): T {
  return withTfjsMessages(() => NativeScope.run(backend, body));
}
