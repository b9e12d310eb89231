import '@tensorflow/tfjs';
import { tidy } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import type { TensorFlowBackend } from '../../backend/backend.ts';
import { register } from '../../register.ts';
import { describeNative } from '../../testing.ts';
import { arrangements } from './testing/arrangements.ts';
import { check } from './testing/check.ts';
import { elementwise } from './testing/elementwise.ts';
import { products } from './testing/products.ts';
import { reductions } from './testing/reductions.ts';
import { signals } from './testing/signals.ts';
import { windows } from './testing/windows.ts';

const operations = { ...elementwise, ...reductions, ...products, ...windows, ...arrangements, ...signals };
const runs = 3;

describeNative('compiled operations give what they give eagerly, values and gradients', () => {
  let backend: TensorFlowBackend;

  beforeAll(async () => {
    ({ backend } = await register());
  });

  it.each(Object.entries(operations))('%s', (_, cases) => {
    fc.assert(
      fc.property(cases, fc.nat(), (each, seed) => {
        const before = backend.nativeTensors;
        tidy(() => {
          check(each, 'grappler', seed);
        });
        expect(backend.nativeTensors).toBe(before);
      }),
      { numRuns: runs, seed: 1 },
    );
  });
});
