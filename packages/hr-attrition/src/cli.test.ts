import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram, type Ended } from '@motley/test-tools';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

interface Summary {
  readonly status: string;
  readonly metrics: Record<'test' | 'crossValidation', Record<string, number>>;
  readonly baselines: Record<string, Record<string, number>>;
}

/** Runs the command line as users' scripts do. */
const run = (...argv: readonly string[]): Promise<Ended> => runProgram(join(import.meta.dirname, 'cli.ts'), argv);
const tiny = ['--backend', 'cpu', '--fast', '--set', 'model.members=2', '--set', 'training.epochs=2'];

describe('the command line', () => {
  let folder: string;
  let trained: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'motley-hr-attrition-'));
    trained = join(folder, 'run');
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('trains, cross-validates, measures, predicts, explains and draws', async () => {
    const { status, output, errors } = await run(
      'train',
      '--json',
      ...tiny,
      '--preset=two-inputs',
      '--set=data.folds=3',
      '--set=crossValidation.repeats=1',
      `--out=${trained}`,
    );
    expect({ status, errors: status === 0 ? '' : errors }).toEqual({ status: 0, errors: '' });
    const summary = JSON.parse(output) as Summary;
    expect(summary.status).toBe('completed');
    expect(summary.metrics.crossValidation.areaUnderCurve).toBeGreaterThan(0.4);
    expect(Object.keys(summary.baselines)).toEqual(['majority', 'logistic', 'logisticLogarithms', 'logisticSplines']);
    expect(errors).toContain('network minus method');
    for (const file of ['cross-validation.json', 'figures/reliability.png', 'figures/reliability-out-of-fold.png'])
      expect(existsSync(join(trained, file))).toBe(true);

    const ofRun = ['--backend', 'cpu', '--run', trained];
    const evaluated = await run('evaluate', ...ofRun, '--false-negative-cost', '10');
    expect(evaluated).toMatchObject({ status: 0 });
    expect(evaluated.output).toContain('act from a probability of 0.091');
    const predicted = await run('predict', ...ofRun, 'Age=22');
    expect(predicted).toMatchObject({ status: 0 });
    expect(predicted.output).toMatch(/^row,Attrition=Yes\n1,0\.\d{4}/m);
    const explained = await run('explain', ...ofRun, '--row', '2');
    expect(explained.output).toMatch(/^Attrition of test row 2: 0\.\d+; mean of 50 training rows/m);
  }, 120_000);

  it('ends with 2 and one line at data that it cannot use', async () => {
    const file = join(folder, 'bad.csv');
    await writeFile(file, 'a,b\n1,x\n2,y\n3,x\n');
    const cases = [
      [['train', '--data', file], 'expected a column "Attrition" to predict (--target), found none'],
      [['train', '--data', file, '--target', 'B'], 'expected a column "B" to predict (--target), found none'],
      [['train', '--data', join(folder, 'none.csv')], 'none.csv'],
      [['train', '--target'], '--target: expected a value, got none'],
      [['predict', '--run', trained, 'Age=old'], 'expected a number, found "old"'],
      [['predict', '--run', trained], 'expected values as column=value or --table FILE'],
      [['evaluate', '--run', trained, '--data', file], 'expected a column "Attrition", found none'],
    ] as const;
    for (const [argv, message] of cases) {
      const isTraining = argv[0] === 'train';
      const ended = await run(...argv, '--backend', 'cpu', ...(isTraining ? ['--out', join(folder, 'bad')] : []));
      expect(ended.errors.trim().split('\n')).toHaveLength(1);
      expect(ended.errors).toContain(message);
      expect(ended.status).toBe(2);
    }
  }, 120_000);
});
