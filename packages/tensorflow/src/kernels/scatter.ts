import { reshape, type ScatterNdInputs, type TensorInfo, type TensorScatterUpdateInputs } from '@tensorflow/tfjs-core';
import { asTensor, override } from './kernel.ts';

/** Registers scatter kernels that accept a vector of indices, as tfjs does. TensorFlow expects a column. */
export function registerScatterKernels(): void {
  override<ScatterNdInputs>('ScatterNd', ({ inputs: { indices } }, stock) =>
    asColumn(indices, (column) => stock({ indices: column })),
  );
  override<TensorScatterUpdateInputs>('TensorScatterUpdate', ({ inputs: { indices } }, stock) =>
    asColumn(indices, (column) => stock({ indices: column })),
  );
}

function asColumn(indices: TensorInfo, run: (column: TensorInfo) => TensorInfo): TensorInfo {
  if (indices.shape.length !== 1) return run(indices);
  const column = reshape(asTensor(indices), [-1, 1]);
  const result = run(column);
  column.dispose();
  return result;
}
