import { backend_util, type GatherV2Attrs, type GatherV2Inputs } from '@tensorflow/tfjs-core';
import { dataTypeOf } from '../backend/tensor-data.ts';
import { DataType } from '../c-api/types.ts';
import { integerAttribute, typeAttribute } from './attributes.ts';
import { asTensor, override } from './kernel.ts';
import { NativeScope } from './native.ts';

/** Registers tf.gather. TensorFlow checks the indices: tfjs-node reads them, which waits and cannot be compiled. */
export function registerGatherKernel(): void {
  override<GatherV2Inputs, GatherV2Attrs>('GatherV2', ({ inputs: { x, indices }, attributes, backend }) => {
    const { axis: gatheredAxis, batchDims } = attributes;
    // Checks the arguments with tfjs's messages.
    backend_util.segment_util.collectGatherOpShapeInfo(asTensor(x), asTensor(indices), gatheredAxis, batchDims);
    return NativeScope.run(backend, (scope) => {
      const operationAttributes = [
        integerAttribute('batch_dims', batchDims),
        typeAttribute('Tparams', dataTypeOf(x.dtype)),
        typeAttribute('Tindices', DataType.int32),
        typeAttribute('Taxis', DataType.int32),
      ];
      const axis = scope.constant([], DataType.int32, [gatheredAxis]);
      const handles = [scope.handleOf(x), scope.handleOf(indices), axis];
      try {
        return scope.take(scope.execute('GatherV2', operationAttributes, handles, 1)[0]!);
      } catch (error) {
        const [, index, count] = /= (-?\d+) is not in \[0, (\d+)\)/.exec((error as Error).message) ?? [];
        if (index === undefined) throw error;
        // tfjs's message
        throw new RangeError(`GatherV2: the index value ${index} is not in [0, ${Number(count) - 1}]`, {
          cause: error,
        });
      }
    });
  });
}
