import { raggedGather, raggedTensorToTensor, sparse, tensor1d, tensor2d, tidy } from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import type { TensorFlowBackend } from '../backend/backend.ts';
import { TensorFlowError } from '../c-api/status.ts';
import { register } from '../register.ts';
import { describeNative } from '../testing.ts';

const int = (values: number[]) => tensor1d(values, 'int32');

describeNative('sparse and ragged tensors', () => {
  let backend: TensorFlowBackend;
  beforeAll(async () => {
    ({ backend } = await register());
  });

  it('fill empty rows, and return the origin of the values', () => {
    const indices = tensor2d([0, 0, 2, 1], [2, 2], 'int32');
    const filled = sparse.sparseFillEmptyRows(indices, [1.5, 2.5], int([3, 2]), -1);
    expect([...filled.outputIndices!.dataSync()]).toEqual([0, 0, 1, 0, 2, 1]);
    expect([...filled.outputValues!.dataSync()]).toEqual([1.5, -1, 2.5]);
    expect([...filled.emptyRowIndicator!.dataSync()]).toEqual([0, 1, 0]);
    expect([...filled.reverseIndexMap!.dataSync()]).toEqual([0, 2]);
  });

  it('sum and average segments, of integers as integers', () => {
    const data = int([1, 4, 5, 2_000_000_000, 2_000_000_000]);
    const mean = sparse.sparseSegmentMean(data, int([0, 1, 1, 2]), int([0, 0, 2, 2]));
    expect(mean.dtype).toBe('int32');
    expect([...mean.dataSync()]).toEqual([2, 0, 4]); // 2.5 and 4.5 towards zero
    const large = sparse.sparseSegmentMean(int([2_000_000_001, 2_000_000_003]), int([0, 1]), int([0, 0]));
    expect([...large.dataSync()]).toEqual([2_000_000_002]);
    const total = sparse.sparseSegmentSum(data, int([3, 4]), int([0, 0]));
    expect([...total.dataSync()]).toEqual([4_000_000_000 | 0]); // wraps like int32
  });

  it("have tfjs's messages with TensorFlow's error as cause, and free the tensors of a failed chain", () => {
    const indices = tensor2d([-1, 0], [1, 2], 'int32');
    const fail = (): unknown => tidy(() => sparse.sparseFillEmptyRows(indices, [1], int([3, 2]), 0));
    expect(fail).toThrow(/^indices\(0, 0\) is invalid: -1 < 0$/);
    const before = backend.nativeTensors;
    let error: unknown;
    try {
      fail();
    } catch (caught) {
      error = caught;
    }
    expect((error as Error).cause).toBeInstanceOf(TensorFlowError);
    expect(backend.nativeTensors).toBe(before);
    indices.dispose();
  });

  it('gather ragged rows, and convert them to a dense tensor', () => {
    const { outputNestedSplits, outputDenseValues } = raggedGather(
      [int([0, 2, 2, 5])],
      tensor1d([1, 2, 3, 4, 5]),
      int([2, 0, 1]),
      1,
    );
    expect([...outputNestedSplits[0]!.dataSync()]).toEqual([0, 3, 5, 5]);
    expect([...outputDenseValues.dataSync()]).toEqual([3, 4, 5, 1, 2]);
    const dense = raggedTensorToTensor(int([-1, -1]), outputDenseValues, 9, outputNestedSplits, ['ROW_SPLITS']);
    expect(dense.arraySync()).toEqual([
      [3, 4, 5],
      [1, 2, 9],
      [9, 9, 9],
    ]);
  });
});
