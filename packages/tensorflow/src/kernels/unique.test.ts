import { tensor, tensor1d, tensor2d, unique } from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { register } from '../register.ts';
import { describeNative } from '../testing.ts';

describeNative('unique', () => {
  beforeAll(async () => {
    await register();
  });

  it('treats all NaNs as one value, -0 as 0, and keeps denormal numbers apart', () => {
    const { values, indices } = unique(tensor1d([-0, NaN, 0, 1e-40, NaN, Infinity, 2e-40, 1e-40]));
    expect([...values.dataSync()]).toEqual([0, NaN, 1e-40, Infinity, 2e-40].map(Math.fround));
    expect([...indices.dataSync()]).toEqual([0, 1, 0, 2, 1, 3, 4, 2]);
  });

  it('compares rows and columns', () => {
    const x = tensor2d([
      [NaN, 1, NaN],
      [2, 1, 2],
      [NaN, 1, NaN],
    ]);
    const rows = unique(x, 0);
    expect(rows.values.shape).toEqual([2, 3]);
    expect([...rows.indices.dataSync()]).toEqual([0, 1, 0]);
    const columns = unique(x, 1);
    expect([...columns.values.dataSync()]).toEqual([NaN, 1, 2, 1, NaN, 1]);
    expect([...columns.indices.dataSync()]).toEqual([0, 1, 0]);
  });

  it('works on empty tensors, integers and strings', () => {
    expect(unique(tensor1d([])).values.shape).toEqual([0]);
    expect([...unique(tensor1d([3, 1, 3], 'int32')).values.dataSync()]).toEqual([3, 1]);
    expect(unique(tensor(['b', 'a', 'b'])).values.dataSync()).toEqual(['b', 'a']);
  });
});
