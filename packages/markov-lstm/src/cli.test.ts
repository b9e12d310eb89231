import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram, type Ended } from '@motley/test-tools';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

interface Summary {
  readonly status: string;
  readonly steps: number;
  readonly metrics: { readonly test: Record<string, number> };
  readonly baselines: Record<string, Record<string, number>>;
}

/** Runs the command line as users' scripts do. */
const run = (...argv: readonly string[]): Promise<Ended> => runProgram(join(import.meta.dirname, 'cli.ts'), argv);

describe('the command line', () => {
  let folder: string;
  let trained: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'motley-markov-lstm-'));
    trained = join(folder, 'run');
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('trains, measures, predicts and draws', async () => {
    const tiny = ['data.delay=2', 'data.length=2000', 'model.window=8', 'model.units=4'].flatMap((set) => [
      '--set',
      set,
    ]);
    const argv = ['--json', '--backend', 'cpu', '--steps', '4', '--out', trained, ...tiny];
    const { status, output } = await run('train', ...argv);
    expect(status).toBe(0);
    const summary = JSON.parse(output) as Summary;
    expect(summary).toMatchObject({ status: 'completed', steps: 4 });
    expect(Object.keys(summary.metrics.test)).toEqual(['loss', 'accuracy']);
    expect(Object.keys(summary.baselines)).toEqual(['persistence', 'linear', 'optimum', 'entropyRate']);
    const figure = join(trained, 'figures', 'learning-curve.png');
    expect(existsSync(figure)).toBe(true);

    const ofRun = ['--json', '--backend', 'cpu', '--run', trained];
    const evaluated = await run('evaluate', ...ofRun);
    expect(evaluated).toMatchObject({ status: 0 });
    expect((JSON.parse(evaluated.output) as Summary).metrics.test).toEqual(summary.metrics.test);
    const out = join(folder, 'predicted');
    expect(await run('predict', ...ofRun, '--out', out)).toMatchObject({ status: 0 });
    const rows = (await readFile(join(out, 'predictions.csv'), 'utf8')).trim().split('\n');
    expect(rows).toHaveLength(3);
    expect(rows[0]).toBe('symbol,probability,true_probability,came');
    await rm(figure);
    expect(await run('figures', ...ofRun)).toMatchObject({ status: 0 });
    expect(existsSync(figure)).toBe(true);
  });

  it('ends with 2 and one line at a delay that no window holds', async () => {
    const argv = ['train', '--backend', 'cpu', '--out', join(folder, 'bad'), '--set', 'data.delay=150'];
    const { status, errors } = await run(...argv);
    expect(errors.trim().split('\n').at(-1)).toContain('model.window: expected more than the delay');
    expect(status).toBe(2);
  });
});
