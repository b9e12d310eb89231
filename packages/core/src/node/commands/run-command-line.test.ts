import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from '@motley/run';
import type { Summary } from '@motley/run/node';
import { nativeGate } from '@motley/test-tools';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { Linear } from '../../nn/linear.ts';
import { RandomStream } from '../../random/random-stream.ts';
import { fit } from '../../train/fit.ts';
import { regressionBatches } from '../../train/testing.ts';
import { trainingFields } from '../../train/training-fields.ts';
import { chooseBackend } from '../backend.ts';
import { runCommandLine } from './run-command-line.ts';

const { hasNative } = await nativeGate(() => chooseBackend('tensorflow'));

const config = defineConfig(
  z.strictObject({
    training: z.strictObject(
      trainingFields({
        epochs: { default: 3, reason: 'enough for three weights' },
        batchSize: { default: 5, reason: 'four batches an epoch' },
        learningRate: { default: 0.1, reason: 'learns' },
      }),
    ),
  }),
  { fast: { training: { epochs: 1 } } },
);

/** A linear regression, for what the command line has of tensors. */
const run = (...argv: string[]): Promise<number> =>
  runCommandLine(
    {
      system: 'line',
      description: 'Fits a line.',
      config,
      load: ({ config: { training } }) => regressionBatches(training.batchSize),
      restore({ config: { training }, weights }) {
        const model = new Linear(2, 1, { random: RandomStream.fromSeed(training.seed) });
        model.loadStateDict(weights);
        return model;
      },
      train: {
        async run({ config: { training }, data, ...context }) {
          const model = new Linear(2, 1, { random: RandomStream.fromSeed(training.seed) });
          const result = await fit({
            ...context,
            ...training,
            model,
            trainingBatches: data,
            loss: ({ inputs, targets }) => ({ loss: tf.mean(tf.squaredDifference(model.forward(inputs), targets)) }),
          });
          return { model, result };
        },
      },
      commands: {
        evaluate({ model, weights, compile, print }) {
          print(compile === undefined ? 'uncompiled' : 'compiled');
          const same = tf.tidy(() => tf.all(tf.equal(model.weight, weights.weight!)).dataSync()[0]!);
          return { metrics: { weights: { same, isTraining: Number(model.training) } } };
        },
      },
    },
    argv,
  );

let folder: string;
let written: { output: string; errors: string };
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'motley-tensors-')), 'run');
  written = { output: '', errors: '' };
  for (const [stream, name] of [
    [process.stdout, 'output'],
    [process.stderr, 'errors'],
  ] as const) {
    vi.spyOn(stream, 'write').mockImplementation((text) => {
      written[name] += String(text);
      return true;
    });
  }
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(join(folder, '..'), { recursive: true });
});

const summary = async (name = 'summary.json'): Promise<Summary> =>
  JSON.parse(await readFile(join(folder, name), 'utf8')) as Summary;

describe('a system on tensors', () => {
  it('says in its summary and first line where it computes', async () => {
    expect(await run('train', '--fast', '--json', '--backend', 'cpu', '--out', folder)).toBe(0);
    expect(written.errors).toContain('cpu on CPU (JavaScript), float32\n');
    expect(await summary()).toMatchObject({
      backend: 'cpu',
      device: 'CPU (JavaScript)',
      tensorflow: null,
      precision: 'float32',
      compiled: false,
      seed: 0,
      epochs: 1,
      steps: 4,
      parameters: 3,
    });
  });

  it('gives commands tensors and a model in evaluation mode, and frees both', async () => {
    expect(await run('train', '--fast', '--backend', 'cpu', '--out', folder)).toBe(0);
    const before = tf.memory().numTensors;
    expect(await run('evaluate', '--run', folder, '--backend', 'cpu')).toBe(0);
    expect(written.output).toContain('\nuncompiled\n');
    expect(await summary('summary-evaluate.json')).toMatchObject({
      parameters: 3,
      metrics: { weights: { same: 1, isTraining: 0 } },
    });
    expect(await run('train', '--resume', folder, '--epochs', '2', '--backend', 'cpu')).toBe(0);
    expect(await summary()).toMatchObject({ steps: 8 });
    expect(tf.memory().numTensors).toBe(before);
  });

  it('trains on one batch where asked', async () => {
    expect(await run('train', '--overfit-one-batch', '--backend', 'cpu', '--out', folder)).toBe(0);
    const written = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8')) as unknown;
    expect(written).toMatchObject({ training: { overfitOneBatch: true } });
  });

  it.skipIf(!hasNative)('compiles its steps on TensorFlow, unless told not to', async () => {
    const native = ['--backend', 'tensorflow'];
    expect(await run('train', '--fast', ...native, '--precision', 'bfloat16', '--out', folder)).toBe(0);
    expect(written.output).toMatch(/^TensorFlow \d+\.\d+\.\d+ on .*, /);
    const { tensorflow, ...rest } = await summary();
    expect(tensorflow).toMatch(/^\d+\.\d+\.\d+$/);
    expect(rest).toMatchObject({ backend: 'tensorflow', precision: 'bfloat16', compiled: true });
    expect(await run('evaluate', '--run', folder, ...native)).toBe(0);
    expect(written.output).toContain('\ncompiled\n');
    expect(await run('evaluate', '--run', folder, ...native, '--no-compile')).toBe(0);
    expect(written.output).toContain('\nuncompiled\n');
    const eager = join(folder, '../eager');
    expect(await run('train', '--fast', ...native, '--no-compile', '--out', eager)).toBe(0);
    const { compiled, precision } = JSON.parse(await readFile(join(eager, 'summary.json'), 'utf8')) as Summary;
    expect([compiled, precision]).toEqual([false, 'float32']);
  });

  it.each([
    [
      'a backend',
      ['--backend', 'gpu'],
      /argument 'gpu' is invalid\. Allowed choices are auto, tensorflow, webgpu, wasm, cpu\.$/,
    ],
    [
      'bfloat16 without a compiler',
      ['--backend', 'cpu', '--precision', 'bfloat16'],
      /^--precision bfloat16: expected compiled steps on native TensorFlow, got the backend cpu$/,
    ],
    ['a precision', ['--precision', 'float16'], /argument 'float16' is invalid\./],
  ])('takes a mistake in %s for one, in one line', async (_, argv, line) => {
    expect(await run('train', ...argv, '--out', folder)).toBe(2);
    expect([written.output, written.errors.trim()]).toEqual(['', expect.stringMatching(line)]);
  });

  it('has the options of where and how to compute', async () => {
    expect(await run('train', '--help')).toBe(0);
    for (const option of ['--backend <name>', '--no-compile', '--precision <type>', '--overfit-one-batch'])
      expect(written.output).toContain(option);
    written.output = '';
    expect(await run('evaluate', '--help')).toBe(0);
    expect(written.output).toContain('--no-compile');
    expect(written.output).not.toContain('--precision');
  });
});
