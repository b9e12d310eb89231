import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram, type Ended } from '@motley/test-tools';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

interface Summary {
  readonly status: string;
  readonly metrics: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly baselines: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

const run = (...argv: readonly string[]): Promise<Ended> => runProgram(join(import.meta.dirname, 'cli.ts'), argv);

describe('the command line', () => {
  let folder: string;
  let data: string;
  let trained: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'motley-food-'));
    vi.stubEnv('MOTLEY_CACHE', join(folder, 'cache'));
    [data, trained] = [join(folder, 'data'), join(folder, 'run')];
    for (const [part, count] of [
      ['train', 3],
      ['test', 1],
    ] as const)
      for (const [food, background] of [
        ['red_soup', 'red'],
        ['salad', 'green'],
      ] as const) {
        await mkdir(join(data, part, food), { recursive: true });
        for (let place = 0; place < count; place++) {
          const even = { width: 60 + place, height: 50, channels: 3, background } as const;
          await sharp({ create: even })
            .jpeg()
            .toFile(join(data, part, food, `${place}.jpg`));
        }
      }
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  });

  let summary: Summary;
  it('trains on folders', async () => {
    const set = ['--set', 'evaluation.mirrored=false'];
    const ended = await run('train', '--fast', '--json', '--data', data, '--out', trained, ...set);
    expect(ended.errors).toContain('the features are random');
    expect(ended.status).toBe(0);
    summary = JSON.parse(ended.output) as Summary;
    expect(summary.metrics.test).toMatchObject({ accuracy: 1, errors: 0, pictures: 2 });
    expect(Object.keys(summary.baselines)).toEqual(['majority', 'nearestPicture', 'ridge']);
    expect(JSON.parse(await readFile(join(trained, 'classes.json'), 'utf8'))).toEqual({
      classes: ['red soup', 'salad'],
      framing: 'crop',
    });
  });

  it('evaluates to the same', async () => {
    const evaluated = await run('evaluate', '--json', '--run', trained);
    expect(evaluated.status).toBe(0);
    const after = JSON.parse(evaluated.output) as Summary;
    expect(after.metrics.test!.accuracy).toBe(1);
    expect(after.metrics.test!.loss).toBeCloseTo(summary.metrics.test!.loss!, 4);
  });

  const picture = () => join(data, 'test', 'red_soup', '0.jpg');

  it('predicts with bars', async () => {
    const predicted = await run('predict', picture(), '--top', '2', '--run', trained);
    expect(predicted.status).toBe(0);
    expect(predicted.output).toMatch(/0\.jpg: \d+ ms, \d+ of them in the network\n {2}red soup █+\S* +\d+\.\d %\n/);
  });

  it('names a file that is no picture, and folders without pictures', async () => {
    const text = join(folder, 'text.jpg');
    await writeFile(text, 'no picture');
    for (const [argv, line] of [
      [['predict', picture(), text], `${text}: expected a JPEG, PNG or WebP picture, found`],
      [['evaluate', '--data', join(data, 'test', 'salad')], 'expected folders of JPEG, PNG or WebP pictures'],
    ] as const) {
      const { status, errors } = await run(...argv, '--run', trained);
      expect(errors.trim().split('\n').at(-1)).toContain(line);
      expect(errors).not.toContain('    at ');
      expect(status).toBe(2);
    }
  });

  it('names weights that are not there', async () => {
    const set = ['--set', 'model.weights=none.pth'];
    const { status, errors } = await run('train', '--fast', '--data', data, '--out', join(folder, 'bad'), ...set);
    expect(errors.trim().split('\n').at(-1)).toContain('none.pth: expected a checkpoint, found');
    expect(errors).not.toContain('    at ');
    expect(status).toBe(2);
  });
});
