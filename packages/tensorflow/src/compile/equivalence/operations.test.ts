import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import type { TensorFlowBackend } from '../../backend/backend.ts';
import { register } from '../../register.ts';
import { describeNative } from '../../testing.ts';
import { arrangements } from './testing/arrangements.ts';
import { type Case } from './testing/cases.ts';
import { check, expectClose } from './testing/check.ts';
import { elementwise } from './testing/elementwise.ts';
import { products } from './testing/products.ts';
import { reductions } from './testing/reductions.ts';
import { signals } from './testing/signals.ts';
import { windows } from './testing/windows.ts';

const operations = { ...elementwise, ...reductions, ...products, ...windows, ...arrangements, ...signals };
const RUNS = 3;

/** Operations with one case each under XLA, which compiles for up to a second. */
const UNDER_XLA = [
  'add',
  'batchNorm',
  'conv2d',
  'cumsum',
  'depthwiseConv2d',
  'erf',
  'gather',
  'logSoftmax',
  'matMul',
  'maxPool',
  'pad',
  'softplus',
  'transpose',
] as const;

/** Kernels without a case: refused.test.ts tests how each is refused. */
const REFUSED = [
  'NonMaxSuppressionV3',
  'NonMaxSuppressionV5',
  'RaggedGather',
  'RaggedRange',
  'SparseFillEmptyRows',
  'SparseSegmentMean',
  'SparseSegmentSum',
  'StaticRegexReplace',
  'StringNGrams',
  'StringSplit',
  'StringToHashBucketFast',
  'Unique',
];

describeNative('compiled operations have the eager values and gradients', () => {
  let backend: TensorFlowBackend;
  const traced = new Set<string>();

  beforeAll(async () => {
    ({ backend } = await register());
    for (const { kernelName, backendName, kernelFunc, ...rest } of tf.getKernelsForBackend('tensorflow')) {
      tf.unregisterKernel(kernelName, backendName);
      const counted: tf.KernelFunc = (call) => {
        if (backend.isTracing) traced.add(kernelName);
        return kernelFunc(call);
      };
      tf.registerKernel({ ...rest, kernelName, backendName, kernelFunc: counted });
    }
  });

  it.each(Object.entries(operations))('%s', (_, cases) => {
    fc.assert(
      fc.property(cases, fc.nat(), (each, seed) => {
        const before = backend.nativeTensors;
        tf.tidy(() => {
          check(each, 'grappler', seed);
        });
        expect(backend.nativeTensors).toBe(before);
      }),
      { numRuns: RUNS, seed: 1 },
    );
  });

  it.each(UNDER_XLA)('%s, under XLA', (name) => {
    const [each] = fc.sample<Case>(operations[name]!, { numRuns: 1, seed: 2 });
    tf.tidy(() => {
      check(each!, 'xla', 2);
    });
  });

  it('every kernel of TensorFlow.js is compiled by some case', () => {
    const names = new Set<unknown>(Object.values(tf));
    const kernels = tf.getKernelsForBackend('tensorflow').map(({ kernelName }) => kernelName);
    expect(kernels.filter((name) => names.has(name) && !traced.has(name)).sort()).toEqual(REFUSED);
  });

  it('finds a difference beyond the tolerance', () => {
    const compared = (actual: number[], expected: number[]) => () => {
      tf.tidy(() => {
        expectClose(tf.tensor1d(actual), tf.tensor1d(expected));
      });
    };
    expect(compared([1, 100], [1, 100.0005])).not.toThrow();
    expect(compared([1, 100], [1, 100.002])).toThrow(/element 1 of \[2\]: compiled 100, eager 100.00/);
    expect(compared([NaN, Infinity], [NaN, Infinity])).not.toThrow();
    expect(compared([NaN], [1])).toThrow('compiled NaN, eager 1');
    expect(compared([Infinity], [1])).toThrow('compiled Infinity, eager 1');
  });
});
