import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram, type Ended } from '@motley/test-tools';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blobs, writeIdxFolder } from './testing/blobs.ts';

interface Summary {
  readonly command: string;
  readonly status: string;
  readonly backend: string;
  readonly steps: number;
  readonly metrics: { readonly test: Record<string, number> };
  readonly baselines: Record<string, Record<string, number>>;
}

/** Runs the command line in a process of its own. */
const run = (...argv: readonly string[]): Promise<Ended> => runProgram(join(import.meta.dirname, 'cli.ts'), argv);

describe('the command line', () => {
  let folder: string;
  let data: string;
  let trained: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'motley-vae-'));
    data = join(folder, 'data');
    trained = join(folder, 'run');
    await writeIdxFolder(data, blobs(96, 1), blobs(32, 2));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const tiny = ['--set', 'model.hiddenSizes=16', '--set', 'data.validationExamples=32', '--batch-size', '16'];

  it('trains on WebAssembly, and prints only its summary', async () => {
    const argv = ['--fast', '--json', '--backend', 'wasm', '--data', data, '--out', trained, '--steps', '6', ...tiny];
    const { status, output, errors } = await run('train', ...argv);
    expect(errors).not.toContain('Error');
    expect(status).toBe(0);
    const summary = JSON.parse(output) as Summary;
    expect(summary).toMatchObject({ command: 'train', status: 'completed', backend: 'wasm', steps: 6 });
    expect(Object.keys(summary.metrics.test).sort()).toEqual(['kl', 'loss', 'lossStandardDeviation', 'reconstruction']);
    expect(Object.keys(summary.baselines)).toEqual(['pixelMean', 'uniform', 'perfectReconstruction']);
    expect(JSON.parse(await readFile(join(trained, 'summary.json'), 'utf8'))).toEqual(summary);
    for (const name of ['reconstructions', 'samples', 'latent-manifold', 'latent-scatter', 'learning-curve'])
      expect(existsSync(join(trained, 'figures', `${name}.png`))).toBe(true);
  });

  it('evaluates, samples and draws figures of a trained model', async () => {
    const argv = ['--json', '--backend', 'wasm', '--run', trained];
    const evaluated = await run('evaluate', ...argv, '--data', data);
    expect(evaluated).toMatchObject({ status: 0 });
    const trainedSummary = JSON.parse(await readFile(join(trained, 'summary.json'), 'utf8')) as Summary;
    expect((JSON.parse(evaluated.output) as Summary).metrics.test).toEqual(trainedSummary.metrics.test);
    const out = join(folder, 'drawn');
    expect(await run('sample', ...argv, '--count', '4', '--out', out)).toMatchObject({ status: 0 });
    expect(existsSync(join(out, 'figures', 'samples.png'))).toBe(true);
    await rm(join(trained, 'figures'), { recursive: true });
    expect(await run('figures', ...argv, '--data', data)).toMatchObject({ status: 0 });
    expect(existsSync(join(trained, 'figures', 'learning-curve.png'))).toBe(true);
  });

  it.each([
    ['--learning-rate', 'abc', '--learning-rate: training.learningRate expected a number above 0, got "abc"'],
    ['--data', '/nowhere', '/nowhere/train-images-idx3-ubyte'],
    ['--set', 'data.validationExamples=96', 'data.validationExamples: expected fewer than the 96 training images'],
  ])('exits with 2 and one line for %s %s', async (flag, value, line) => {
    const out = join(folder, `bad-${flag}`);
    const given = flag === '--data' ? [] : ['--data', data];
    const { status, errors } = await run('train', '--backend', 'cpu', '--out', out, ...given, flag, value);
    expect(errors.trim().split('\n').at(-1)).toContain(line);
    expect(errors).not.toContain('    at ');
    expect(status).toBe(2);
    expect(existsSync(out)).toBe(false);
  });

  it('writes a latent walk, and verifies', async () => {
    const argv = ['--json', '--backend', 'wasm', '--run', trained];
    expect(await run('walk', ...argv)).toMatchObject({ status: 0 });
    expect(existsSync(join(trained, 'figures', 'latent-walk.gif'))).toBe(true);
    const { status, output } = await run('verify', ...argv, '--data', data, '--samples', '4', '--draws', '1');
    expect(status).toBe(0);
    const { metrics, baselines } = JSON.parse(output) as Summary;
    expect(Object.keys(metrics)).toEqual(['test', 'generated']);
    expect(Object.keys(baselines)).toEqual(['realImages']);
  });

  it('exits with 2 and one line if no digit, or another one, was held out', async () => {
    const argv = ['anomalies', '--run', trained, '--backend', 'cpu', '--data', data];
    const none = await run(...argv);
    expect(none.status).toBe(2);
    expect(none.errors.trim().split('\n').at(-1)).toContain(
      'data.heldOutDigit: expected a model trained without one digit',
    );
    const other = await run(...argv, '--set', 'data.heldOutDigit=3', '--digit', '4');
    expect(other.status).toBe(2);
    expect(other.errors.trim().split('\n').at(-1)).toContain('--digit: expected 3, the digit that this run held out');
  });

  it('rejects a damaged data folder and the checkpoint of another model, each in one line', async () => {
    const damaged = join(folder, 'damaged');
    await writeIdxFolder(damaged, blobs(96, 1), blobs(32, 2));
    const file = join(damaged, 't10k-labels-idx1-ubyte');
    await writeFile(file, (await readFile(file)).subarray(0, 20));
    const bad = await run('evaluate', '--run', trained, '--backend', 'cpu', '--data', damaged);
    expect(bad.status).toBe(2);
    expect(bad.errors.trim().split('\n').at(-1)).toContain(file);
    const argv = ['--run', trained, '--backend', 'cpu', '--data', data, '--set', 'model.latentSize=3'];
    const other = await run('evaluate', ...argv);
    expect(other.status).toBe(2);
    expect(other.errors.trim().split('\n').at(-1)).toBe('model.latentSize: expected 20 as in the checkpoint, got 3');
  });
});
