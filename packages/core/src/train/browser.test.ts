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

const SOUND_PROGRAM = `
import { RandomNumbers } from '@motley/run';
import { addNoise, coloredNoise, logMel, normalizeFrames, specAugment } from '@motley/core/audio';
const random = RandomNumbers.fromSeed(1);
const tone = Float32Array.from({ length: 16000 }, (_, index) => Math.sin(index / 5));
const frames = logMel(addNoise(tone, 16000, coloredNoise('pink', 16000, 16000, random), 10), 16000);
const { count, width } = specAugment(normalizeFrames(frames), random);
export const shape = [count, width];
`;

/** Runs a program with the globals of a page, without `process`. Returns what it exports. */
async function runInPage(program: string): Promise<Record<string, unknown>> {
  const { outputFiles } = await build({
    stdin: { contents: program, resolveDir: import.meta.dirname },
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'iife',
    globalName: 'result',
    conditions: ['@motley/source'],
    logLevel: 'silent',
  });
  const page: Record<string, unknown> = { TextEncoder, TextDecoder, performance, console, document: {} };
  page.window = page;
  return runInNewContext(`${outputFiles[0]!.text}\nresult`, page) as Record<string, unknown>;
}

describe('in a browser', () => {
  it('core runs without Node and registers its gradients', async () => {
    const { gradient } = await runInPage(PROGRAM);
    expect([...(gradient as number[])]).toEqual([3, 3]);
  });

  it('sounds become features without Node or tensors', async () => {
    const { shape } = await runInPage(SOUND_PROGRAM);
    expect([...(shape as number[])]).toEqual([98, 80]);
  });
});
