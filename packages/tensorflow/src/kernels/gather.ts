import { backend_util, type GatherV2Attrs, type GatherV2Inputs } from '@tensorflow/tfjs-core';
import { integer } from '../backend/constant.ts';
import { asTensor, define } from './kernel.ts';
import { execute } from './operation.ts';

/** Registers tf.gather. TensorFlow checks the indices: reading them would wait for them, and could not be compiled. */
export function registerGatherKernel(): void {
  define<GatherV2Inputs, GatherV2Attrs>('GatherV2', ({ inputs: { x, indices }, attributes, backend }) => {
    const { axis, batchDims } = attributes;
    // Checks the arguments with tfjs's messages.
    backend_util.segment_util.collectGatherOpShapeInfo(asTensor(x), asTensor(indices), axis, batchDims);
    const gathering = {
      inputs: [x, indices, integer(axis)],
      types: { Tparams: x, Tindices: 'int32', Taxis: 'int32' },
      attributes: { batch_dims: batchDims },
    } as const;
    try {
      return execute('GatherV2', gathering, backend);
    } catch (error) {
      const [, index, count] = /= (-?\d+) is not in \[0, (\d+)\)/.exec((error as Error).message) ?? [];
      if (index === undefined) throw error;
      // tfjs's message
      throw new RangeError(`GatherV2: the index value ${index} is not in [0, ${Number(count) - 1}]`, { cause: error });
    }
  });
}
