import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { imageGrid } from '@motley/run/node';
import { runProgram, type Ended } from '@motley/test-tools';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLASS_NAMES } from './model.ts';

interface Summary {
  readonly status: string;
  readonly metrics: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly baselines: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** Runs the command line in a process of its own. */
const run = (...argv: readonly string[]): Promise<Ended> => runProgram(join(import.meta.dirname, 'cli.ts'), argv);

describe('the command line', () => {
  let folder: string;
  let trained: string;
  let picture: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'motley-shapes-'));
    trained = join(folder, 'run');
    picture = join(folder, 'a picture, odd.png');
    const square = { images: new Uint8Array(40 * 30 * 3).fill(90), shape: [1, 40, 30, 3] } as const;
    await writeFile(picture, (await imageGrid(square)).png);
  });
  afterAll(() => rm(folder, { recursive: true }));

  const tiny = ['model.channels=4,6', 'data.imageSize=16', 'data.imagesPerEpoch=64', 'data.validationImages=20'];
  const small = [...tiny, 'evaluation.images=40', 'evaluation.controlledImages=2'].flatMap((each) => ['--set', each]);
  const testMetrics = ['loss', 'accuracy', 'accuracyLow', 'accuracyHigh', 'errors', 'images'];
  const onWasm = ['--backend', 'wasm'];

  it('trains, and writes figures and the notebook', async () => {
    const argv = ['--fast', '--json', ...onWasm, '--out', trained, '--steps', '4', ...small];
    const { status, output, errors } = await run('train', ...argv);
    expect(errors).toMatch(/waited for pictures: \d+\.\d s, \d+\.\d % of the training's time/);
    expect(status).toBe(0);
    const summary = JSON.parse(output) as Summary;
    expect(summary.status).toBe('completed');
    expect(Object.keys(summary.metrics.test!)).toEqual(testMetrics);
    expect(Object.keys(summary.metrics.data!)).toEqual(['waitTimeInSeconds', 'waitShare']);
    expect(Object.keys(summary.baselines)).toEqual(['chance', 'classMeans']);
    expect(existsSync(join(trained, 'figures', 'class-activation-maps.png'))).toBe(true);
    expect(await readFile(join(trained, 'notebook.html'), 'utf8')).toContain('Ten shapes, each picture seen once');
  });

  it('evaluates to the same metrics as the training', async () => {
    const { status, output } = await run('evaluate', '--json', ...onWasm, '--run', trained);
    expect(status).toBe(0);
    const before = JSON.parse(await readFile(join(trained, 'summary.json'), 'utf8')) as Summary;
    const after = JSON.parse(output) as Summary;
    expect(after.metrics.test).toEqual(before.metrics.test);
    expect(after.baselines).toEqual(before.baselines);
  });

  it('classifies pictures of any size', async () => {
    const { status, output } = await run('predict', picture, '--json', ...onWasm, '--run', trained);
    expect(status).toBe(0);
    const shares = (JSON.parse(output) as Summary).metrics[picture]!;
    expect(Object.keys(shares)).toEqual([...CLASS_NAMES]);
    expect(Object.values(shares).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5);
  });

  it('refuses a file that is no picture, a missing file and no files, in one line that names it', async () => {
    const text = join(folder, 'text.png');
    await writeFile(text, 'no picture');
    for (const [files, line] of [
      [[picture, text], `${text}: expected a JPEG or PNG picture`],
      [[join(folder, 'none.jpg')], 'none.jpg'],
      [[], 'predict: expected PNG or JPEG files, got none'],
    ] as const) {
      const { status, errors } = await run('predict', ...files, ...onWasm, '--run', trained);
      expect(errors.trim().split('\n').at(-1)).toContain(line);
      expect(errors).not.toContain('    at ');
      expect(status).toBe(2);
    }
  });

  it.each([
    ['data.diameters=0.9,0.3', 'data.diameters: expected the smaller first, got 0.9,0.3'],
    ['data.imageSize=4', 'data.imageSize expected an integer of at least 16'],
    ['data.imagesPerEpoch=3', 'data.imagesPerEpoch: expected at least a batch of'],
  ])('exits with status 2 and one line: --set %s', async (setting, line) => {
    const out = join(folder, 'bad');
    const { status, errors } = await run('train', '--fast', ...onWasm, '--out', out, '--set', setting);
    expect(errors.trim().split('\n').at(-1)).toContain(line);
    expect(errors).not.toContain('    at ');
    expect(status).toBe(2);
    expect(existsSync(out)).toBe(false);
  });
});
