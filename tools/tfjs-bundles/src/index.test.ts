import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundleTfjs } from './index.ts';

let folder: string;

beforeAll(async () => {
  // Inside the package, so that the bundle finds tfjs-core.
  folder = await mkdtemp(join(import.meta.dirname, 'bundle-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

it('takes from tfjs-core what tfjs-core exports, and bundles the rest', async () => {
  const file = join(folder, 'gradients.js');
  await bundleTfjs(`export { sumGradConfig } from '@tensorflow/tfjs-core/dist/gradients/Sum_grad';`, file);
  const source = await readFile(file, 'utf8');
  expect(source).toContain('Apache License 2.0');
  expect(source).not.toContain('class Engine');
  const { sumGradConfig } = (await import(pathToFileURL(file).href)) as { sumGradConfig: tf.GradConfig };
  expect(sumGradConfig.kernelName).toBe(tf.Sum);
});
