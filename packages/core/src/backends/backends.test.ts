import '../nn/gradients/register.ts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import * as core from '../index.ts';
import { describeOn } from '../testing/native.ts';
import { largestDifference } from './testing/gradient-check.ts';
import { modules } from './testing/modules.ts';
import { optimizers } from './testing/optimizers.ts';
import { BACKENDS, findBackends, startBackend, type BackendName } from './testing/start-backend.ts';
import { supportDocument, type TrainedSystems } from './testing/support-document.ts';
import { survey } from './testing/survey.ts';

/** Tolerance of values, relative to the largest value or to 1. GPUs compute their own sines. */
const VALUE_TOLERANCE = 5e-4;
/** Tolerance of gradients, compared with finite differences in float32. */
const GRADIENT_TOLERANCE = 5e-3;

const { found, missing } = await findBackends();
const cases = Object.entries(survey).flatMap(([group, checks]) =>
  Object.entries(checks).map(([name, check]) => ({ group, name, check })),
);
const reference = new Map<string, readonly ArrayLike<number>[]>();
const passed = new Map<string, Set<BackendName>>();

beforeAll(async () => {
  await startBackend('cpu');
  for (const { group, name, check } of cases) reference.set(`${group}: ${name}`, (await check()).results);
});

describeOn(found, 'on %s', (backend) => {
  beforeAll(async () => {
    await startBackend(backend);
  });

  it.each(cases)(
    '$group: $name has correct values and gradients, and leaks no tensors',
    async ({ group, name, check }) => {
      const before = tf.memory().numTensors;
      const { results, error } = await check();
      expect(error).toBeLessThan(GRADIENT_TOLERANCE);
      const expected = reference.get(`${group}: ${name}`)!;
      expect(results).toHaveLength(expected.length);
      for (const [index, values] of results.entries())
        expect(largestDifference(values, expected[index]!)).toBeLessThan(VALUE_TOLERANCE);
      expect(tf.memory().numTensors).toBe(before);
      passed.set(`${group}: ${name}`, (passed.get(`${group}: ${name}`) ?? new Set()).add(backend));
    },
  );
});

describe('the survey', () => {
  const subclasses = (base: { readonly prototype: object }) =>
    Object.entries<unknown>(core).flatMap(([name, value]) =>
      typeof value === 'function' && value.prototype instanceof (base as unknown as new () => object) ? [name] : [],
    );

  it('covers every module and every optimizer', () => {
    expect(Object.keys(modules)).toEqual(expect.arrayContaining(subclasses(core.Module)));
    expect(Object.keys(optimizers)).toEqual(expect.arrayContaining(subclasses(core.Optimizer)));
  });

  // The table covers all four backends. `vitest run backends.test.ts -u` regenerates it.
  it.skipIf(found.length < BACKENDS.length)(`matches docs/backends.md ${missing.join('; ')}`, async () => {
    const systems = readFileSync(join(import.meta.dirname, '../../docs/backends.json'), 'utf8');
    const rows = cases.map(({ group, name }) => ({
      group,
      name,
      backends: passed.get(`${group}: ${name}`) ?? new Set(),
    }));
    await expect(supportDocument(rows, JSON.parse(systems) as TrainedSystems)).toMatchFileSnapshot(
      '../../docs/backends.md',
    );
  });
});
