import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { register } from '../../register.ts';
import { describeNative } from '../../testing.ts';
import { CompileError } from '../compile-error.ts';
import { compile } from '../compile.ts';

const kernel = (name: string, inputs: Record<string, tf.Tensor>, attributes: object = {}) =>
  tf.engine().runKernel<tf.Tensor | tf.Tensor[]>(name, inputs, attributes as tf.NamedAttrMap);
const vector = (...values: number[]) => tf.tensor1d(values, 'int32');

const DEPENDS_ON_DATA = /depends on data/;
const IS_READ = /is read inside a compiled function/;
const IS_TEXT = /strings cannot be compiled/;

/** Functions of x = [0.2, 0.7, 0.7] that cannot be compiled, and the message of each error. */
const REFUSED: Readonly<Record<string, readonly [RegExp, (x: tf.Tensor1D) => unknown]>> = {
  Unique: [DEPENDS_ON_DATA, (x) => tf.unique(x)],
  SparseSegmentMean: [DEPENDS_ON_DATA, (x) => tf.sparse.sparseSegmentMean(x, vector(0, 2), vector(0, 1))],
  SparseSegmentSum: [DEPENDS_ON_DATA, (x) => tf.sparse.sparseSegmentSum(x, vector(0, 2), vector(0, 1))],
  SparseFillEmptyRows: [
    DEPENDS_ON_DATA,
    (x) =>
      tf.sparse.sparseFillEmptyRows(tf.tensor2d([0, 0, 2, 0, 2, 1], [3, 2], 'int32'), x, vector(3, 2), tf.scalar(0)),
  ],
  NonMaxSuppressionV3: [DEPENDS_ON_DATA, (x) => tf.image.nonMaxSuppression(tf.ones([3, 4]), x, 2)],
  NonMaxSuppressionV5: [
    DEPENDS_ON_DATA,
    (x) => tf.image.nonMaxSuppressionWithScore(tf.ones([3, 4]), x, 2, 0.5, 0.1, 0.5),
  ],
  RaggedRange: [
    DEPENDS_ON_DATA,
    (x) => kernel('RaggedRange', { starts: tf.zerosLike(x), limits: x, deltas: tf.onesLike(x) }),
  ],
  RaggedGather: [DEPENDS_ON_DATA, (x) => tf.raggedGather([vector(0, 2, 3)], x, vector(1), 1)],
  StringSplit: [IS_TEXT, () => tf.string.stringSplit(['a b'], ' ')],
  StringToHashBucketFast: [IS_TEXT, () => tf.string.stringToHashBucketFast(['a'], 10)],
  StringNGrams: [IS_TEXT, () => tf.string.stringNGrams(['a', 'b'], vector(0, 2), '|', [2], '', '', -1, false)],
  StaticRegexReplace: [IS_TEXT, () => tf.string.staticRegexReplace(tf.tensor1d(['a']), 'a', 'b')],
  'a value that is read': [IS_READ, (x) => tf.mul(x, x.arraySync()[0]!)],
};

describeNative('functions that cannot be compiled', () => {
  beforeAll(async () => {
    await register();
  });

  it.each(Object.entries(REFUSED))('%s', (_, [reason, fn]) => {
    const x = tf.tensor1d([0.2, 0.7, 0.7]);
    expect(() => compile(fn)(x)).toThrow(CompileError);
    expect(() => compile(fn)(x)).toThrow(reason);
    x.dispose();
  });
});
