import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
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
  let trained: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'motley-masks-'));
    vi.stubEnv('MOTLEY_CACHE', join(folder, 'cache'));
    trained = join(folder, 'run');
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  });

  const few = ['data.trainingScenes=2', 'data.validationScenes=1', 'data.testScenes=2'].flatMap((each) => [
    '--set',
    each,
  ]);
  let summary: Summary;
  it('trains on generated scenes, and draws', async () => {
    const ended = await run('train', '--fast', '--json', '--no-compile', ...few, '--out', trained);
    expect(ended.errors).toContain('training starts from scratch');
    expect(ended.status).toBe(0);
    summary = JSON.parse(ended.output) as Summary;
    expect(summary.metrics.test).toMatchObject({ pictures: 2 });
    expect(Object.keys(summary.baselines)).toEqual(['noBox', 'meanBox', 'annotator']);
    for (const figure of ['boxes-1', 'precision-recall', 'errors-by-kind', 'anchors-and-boxes'])
      expect(existsSync(join(trained, 'figures', `${figure}.png`))).toBe(true);
  });

  it('evaluates to the same', async () => {
    const evaluated = await run('evaluate', '--json', '--run', trained);
    expect(evaluated.status).toBe(0);
    expect((JSON.parse(evaluated.output) as Summary).metrics.test!.ap).toBeCloseTo(summary.metrics.test!.ap!, 6);
  });

  it('predicts in pictures of any kind: CMYK, one pixel, turned by EXIF', async () => {
    const even = (width: number, height: number) =>
      sharp({ create: { width, height, channels: 3, background: 'teal' } });
    await even(60, 40).toColorspace('cmyk').jpeg().toFile(join(folder, 'cmyk.jpg'));
    await even(1, 1).png().toFile(join(folder, 'one.png'));
    await even(60, 40).withMetadata({ orientation: 6 }).jpeg().toFile(join(folder, 'turned.jpg'));
    const predicted = await run(
      'predict',
      folder,
      '--min-score',
      '0',
      '--run',
      trained,
      '--out',
      join(folder, 'found'),
    );
    expect(predicted.status).toBe(0);
    expect(predicted.output).toMatch(/cmyk\.jpg: \d+ faces?, \d+ ms/);
    const place = join(folder, 'found', 'predictions');
    const detections = JSON.parse(await readFile(join(place, 'detections.json'), 'utf8')) as Record<string, unknown>;
    expect(Object.keys(detections)).toHaveLength(3);
    for (const [name, width, height] of [
      ['turned', 40, 60],
      ['one', 1, 1],
    ] as const)
      expect(await sharp(join(place, `${name}-boxes.png`)).metadata()).toMatchObject({ width, height });
    expect(Array.isArray(JSON.parse(await readFile(join(place, 'coco-results.json'), 'utf8')))).toBe(true);
  });

  it.each([
    ['no picture', 'text.jpg', 'text.jpg: expected a JPEG or PNG picture'],
    ['no file', 'none.png', 'none.png: expected a JPEG or PNG picture'],
  ])('ends with 2 and one line: %s', async (_, name, line) => {
    await writeFile(join(folder, 'text.jpg'), 'no picture');
    const { status, errors } = await run('predict', join(folder, name), '--run', trained);
    expect(errors.trim().split('\n').at(-1)).toContain(line);
    expect(errors).not.toContain('    at ');
    expect(status).toBe(2);
  });

  it('refuses other anchors under trained weights', async () => {
    const { status, errors } = await run('evaluate', '--run', trained, '--set', 'model.anchorRatios=[1,2]');
    expect(errors.trim().split('\n').at(-1)).toContain('rpn.head.cls_logits');
    expect(status).toBe(2);
  });
});
