import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram, type Ended } from '@motley/test-tools';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

interface Summary {
  readonly status: string;
  readonly metrics: { readonly test: Record<string, number> };
  readonly baselines: Record<string, Record<string, number>>;
}

/** Runs the command line as users' scripts do. */
const run = (...argv: readonly string[]): Promise<Ended> => runProgram(join(import.meta.dirname, 'cli.ts'), argv);
const SMALL = [
  'data.trainingExamples=200',
  'data.validationExamples=20',
  'data.testExamples=30',
  'data.lengths=[6,10]',
  'model.filters=4',
];

describe('the command line', () => {
  let folder: string;
  let trained: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'motley-tweet-cnn-'));
    trained = join(folder, 'run');
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('trains, measures, predicts and draws', async () => {
    const sets = SMALL.flatMap((each) => ['--set', each]);
    const ofRun = ['--backend', 'cpu', '--run', trained];
    const { status, output } = await run(
      'train',
      '--json',
      '--fast',
      '--steps=3',
      '--backend=cpu',
      `--out=${trained}`,
      '--log=wandb',
      ...sets,
    );
    expect(status).toBe(0);
    const summary = JSON.parse(output) as Summary;
    expect(summary.status).toBe('completed');
    expect(Object.keys(summary.baselines)).toEqual(['majority', 'tfIdfWords', 'tfIdfBigrams', 'optimum']);
    const figures = ['confusion', 'confusion-of-parties', 'calibration', 'class-n-grams', 'evidence', 'worst-texts'];
    const files = figures.map((name) => join(trained, 'figures', `${name}.png`));
    expect(files.filter((file) => !existsSync(file))).toEqual([]);
    expect(existsSync(join(trained, 'wandb'))).toBe(true);

    const evaluated = await run('evaluate', '--json', ...ofRun);
    expect((JSON.parse(evaluated.output) as Summary).metrics.test).toEqual(summary.metrics.test);
    const predicted = await run('predict', ...ofRun, 'lopalo lopalo #tag', 'x');
    expect(predicted).toMatchObject({ status: 0 });
    expect(predicted.output).toMatch(/^lopalo lopalo #tag: (red|blue): \w+ [\d.]+ %/m);
  });

  it('ends with 2 and one line at bad input', async () => {
    const lines = async (...argv: readonly string[]): Promise<string> => {
      const { status, errors } = await run(...argv, '--backend', 'cpu');
      expect(status).toBe(2);
      return errors.trim();
    };
    const out = ['--out', join(folder, 'bad')];
    expect(await lines('predict', '--run', trained, ' ')).toBe('predict: expected a text with a word, got " "');
    expect(await lines('train', ...out, '--data', 'x.csv')).toMatch(/^--data: expected data\.source [^\n]*$/);
    expect(await lines('train', ...out, '--preset', 'tweets')).toMatch(/^--data: expected a CSV of tweets [^\n]*$/);
    expect(await lines('train', ...out, '--set', 'data.lengths=[9,3]')).toMatch(/^data\.lengths: expected [^\n]*$/);
  });
});
