import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';

const program = `
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { Linear, RandomStream, valueAndGradients } from '@motley/core';
await tf.setBackend('cpu');
const layer = new Linear(2, 1, { random: RandomStream.fromSeed(1) });
const input = tf.ones([3, 2]);
const { gradients } = valueAndGradients(() => ({ loss: tf.sum(layer.forward(input)) }), layer.namedParameters());
export const gradient = [...gradients.weight.dataSync()];
`;

describe('in a browser', () => {
  it('core needs nothing of Node, and its gradients are there', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'motley-core-'));
    try {
      const outfile = join(folder, 'bundle.mjs');
      await build({
        stdin: { contents: program, resolveDir: import.meta.dirname },
        bundle: true,
        outfile,
        platform: 'browser',
        format: 'esm',
        conditions: ['@motley/source'],
        logLevel: 'silent',
      });
      const { gradient } = (await import(pathToFileURL(outfile).href)) as { gradient: number[] };
      expect(gradient).toEqual([3, 3]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
