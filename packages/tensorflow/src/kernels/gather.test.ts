import { gather, tensor1d, tensor2d } from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { compile } from '../compile/compile.ts';
import { register } from '../register.ts';
import { describeNative } from '../testing.ts';

describeNative('gather', () => {
  beforeAll(async () => {
    await register();
  });

  const table = () =>
    tensor2d([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);

  it('takes rows, columns, and rows of each batch element', () => {
    const rows = gather(table(), tensor1d([2, 0, 2], 'int32'));
    expect(rows.arraySync()).toEqual([
      [5, 6],
      [1, 2],
      [5, 6],
    ]);
    expect(gather(table(), tensor1d([1], 'int32'), 1).arraySync()).toEqual([[2], [4], [6]]);
    const batched = gather(table(), tensor2d([[1], [0], [1]], undefined, 'int32'), 1, 1);
    expect(batched.arraySync()).toEqual([[2], [3], [6]]);
  });

  it('names an index out of range', () => {
    expect(() => gather(table(), tensor1d([0, 3], 'int32'))).toThrow('GatherV2: the index value 3 is not in [0, 2]');
  });

  it('compiles', () => {
    const rows = compile((indices: ReturnType<typeof tensor1d>) => gather(table(), indices), { engine: 'grappler' });
    expect(rows(tensor1d([1], 'int32')).arraySync()).toEqual([[3, 4]]);
  });
});
