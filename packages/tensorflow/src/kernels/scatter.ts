import {
  type ScatterNdAttrs,
  type ScatterNdInputs,
  reshape,
  type TensorInfo,
  type TensorScatterUpdateInputs,
} from '@tensorflow/tfjs-core';
import { integers } from '../backend/constant.ts';
import { asTensor, define } from './kernel.ts';
import { execute } from './operation.ts';

/** Registers scatter kernels, which accept a vector of indices, as tfjs does. TensorFlow expects a column. */
export function registerScatterKernels(): void {
  define<ScatterNdInputs, ScatterNdAttrs>('ScatterNd', ({ inputs, attributes, backend }) =>
    asColumn(inputs.indices, (indices) =>
      execute(
        'ScatterNd',
        {
          inputs: [indices, inputs.updates, integers(attributes.shape)],
          types: { T: inputs.updates, Tindices: 'int32' },
        },
        backend,
      ),
    ),
  );
  define<TensorScatterUpdateInputs>('TensorScatterUpdate', ({ inputs: { tensor, updates, ...rest }, backend }) =>
    asColumn(rest.indices, (indices) =>
      execute(
        'TensorScatterUpdate',
        { inputs: [tensor, indices, updates], types: { T: updates, Tindices: 'int32' } },
        backend,
      ),
    ),
  );
}

function asColumn(indices: TensorInfo, run: (column: TensorInfo) => TensorInfo): TensorInfo {
  if (indices.shape.length !== 1) return run(indices);
  const column = reshape(asTensor(indices), [-1, 1]);
  const result = run(column);
  column.dispose();
  return result;
}
