import { runInNewContext } from 'node:vm';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';

const PROGRAM = `
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { Linear, RandomStream, valueAndGradients } from '@motley/core';
const layer = new Linear(2, 1, { random: RandomStream.fromSeed(1) });
const input = tf.ones([3, 2]);
const { gradients } = valueAndGradients(() => ({ loss: tf.sum(layer.forward(input)) }), layer.namedParameters());
export const gradient = [...gradients.weight.dataSync()];
`;

describe('in a browser', () => {
  it('core runs without Node and registers its gradients', async () => {
    const { outputFiles } = await build({
      stdin: { contents: PROGRAM, resolveDir: import.meta.dirname },
      bundle: true,
      write: false,
      platform: 'browser',
      format: 'iife',
      globalName: 'result',
      conditions: ['@motley/source'],
      logLevel: 'silent',
    });
    // Globals of a page, without `process`.
    const page: Record<string, unknown> = { TextEncoder, TextDecoder, performance, console, document: {} };
    page.window = page;
    const gradient = runInNewContext(`${outputFiles[0]!.text}\nresult.gradient`, page) as number[];
    expect([...gradient]).toEqual([3, 3]);
  });
});
