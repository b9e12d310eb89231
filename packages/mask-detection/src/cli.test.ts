import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
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
    folder = await mkdtemp(join(tmpdir(), 'motley-mask-detection-'));
    trained = join(folder, 'run');
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('trains, measures, predicts and draws', async () => {
    const { status, output } = await run(
      'train',
      '--json',
      '--fast',
      '--steps',
      '20',
      '--backend',
      'cpu',
      '--out',
      trained,
    );
    expect(status).toBe(0);
    const summary = JSON.parse(output) as Summary;
    expect(summary).toMatchObject({ status: 'completed', steps: 20 });
    expect(Object.keys(summary.metrics.test)).toEqual(['loss', 'accuracy']);
    expect(Object.keys(summary.baselines)).toEqual(['majority', 'optimum']);
    const figures = ['predictions', 'learning-curve'].map((name) => join(trained, 'figures', `${name}.png`));
    expect(figures.filter((file) => !existsSync(file))).toEqual([]);

    const ofRun = ['--backend', 'cpu', '--run', trained];
    const evaluated = await run('evaluate', '--json', ...ofRun);
    expect(evaluated).toMatchObject({ status: 0 });
    expect((JSON.parse(evaluated.output) as Summary).metrics.test).toEqual(summary.metrics.test);
    const predicted = await run('predict', ...ofRun, '--', '-1,0', '0,2');
    expect(predicted).toMatchObject({ status: 0 });
    expect(predicted.output).toMatch(/^-1,0: inner [\d.]+ %, outer [\d.]+ %\n0,2: inner/m);
    await Promise.all(figures.map((file) => rm(file)));
    expect(await run('figures', ...ofRun)).toMatchObject({ status: 0 });
    expect(figures.filter((file) => !existsSync(file))).toEqual([]);
  });

  it('ends with 2 and one line at data that it cannot read, and at a point that is none', async () => {
    const trainedOnFile = await run('train', '--backend', 'cpu', '--out', join(folder, 'bad'), '--data', 'points.csv');
    expect(trainedOnFile.errors.trim()).toContain('--data: expected none');
    expect(trainedOnFile.status).toBe(2);
    const predicted = await run('predict', '--backend', 'cpu', '--run', trained, '1;2');
    expect(predicted.errors.trim()).toBe('predict: expected a point as x,y, got "1;2"');
    expect(predicted.status).toBe(2);
  });
});
