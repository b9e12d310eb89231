import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Faces } from '@motley/core/generators';
import { type Ended, runProgram } from '@motley/test-tools';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

interface Summary {
  readonly status: string;
  readonly metrics: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly baselines: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

const run = (...argv: readonly string[]): Promise<Ended> => runProgram(join(import.meta.dirname, 'cli.ts'), argv);
const TIMEOUT_IN_MS = 180_000;

describe('the command line', () => {
  let folder: string;
  let trained: string;
  let data: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'motley-faces-'));
    [trained, data] = [join(folder, 'run'), join(folder, 'people')];
    const faces = new Faces(9, { size: 32 });
    for (let person = 0; person < 4; person++) {
      await mkdir(join(data, `p${person}`), { recursive: true });
      for (let picture = 0; picture < 3; picture++) {
        const { values, width, height } = faces.picture(person, picture).image;
        const raw = { width, height, channels: 3 as const };
        await sharp(values, { raw })
          .png()
          .toFile(join(data, `p${person}`, `${picture}.png`));
      }
    }
  });
  afterAll(() => rm(folder, { recursive: true }));

  const small = [
    'data.people=6',
    'data.picturesPerPerson=3',
    'data.validationPeople=3',
    'data.testPeople=4',
    'model.embeddingSize=8',
  ];
  const settings = [...small, 'evaluation.resamples=10', 'training.batchSize=6'].flatMap((each) => ['--set', each]);
  const picture = (person: number, place: number) => join(data, `p${person}`, `${place}.png`);

  it(
    'trains on drawn faces, and draws its figures',
    async () => {
      const { status, output, errors } = await run(
        'train',
        '--fast',
        '--json',
        '--out',
        trained,
        '--epochs',
        '2',
        ...settings,
      );
      expect(errors).toContain('drawing 18 faces of 6 people to train on');
      expect(status).toBe(0);
      const summary = JSON.parse(output) as Summary;
      expect(summary.status).toBe('completed');
      expect(Object.keys(summary.baselines)).toEqual([
        'chance',
        'pixels',
        'eigenfaces',
        'fisherfaces',
        'optimum',
        'optimumHere',
      ]);
      for (const rate of [
        'equalErrorRate',
        'areaUnderCurve',
        'trueAcceptsAt1in1000',
        'closedSetAccuracy',
        'detectionRate',
      ])
        expect(summary.metrics.test![rate]).toBeGreaterThanOrEqual(0);
      for (const name of ['roc', 'det', 'confused-people'])
        expect(existsSync(join(trained, 'figures', `${name}.png`))).toBe(true);
    },
    TIMEOUT_IN_MS,
  );

  it(
    'evaluates to the same metrics, and on folders of people',
    async () => {
      const same = await run('evaluate', '--json', '--run', trained);
      expect(same.status).toBe(0);
      const before = JSON.parse(await readFile(join(trained, 'summary.json'), 'utf8')) as Summary;
      const after = JSON.parse(same.output) as Summary;
      for (const [name, value] of Object.entries(before.metrics.test!))
        expect(after.metrics.test![name]).toBeCloseTo(value, 4);
      const other = await run('evaluate', '--json', '--run', trained, '--data', data);
      expect(other.errors).not.toContain('    at ');
      expect(other.status).toBe(0);
      const found = JSON.parse(other.output) as Summary;
      expect(found.metrics.test!.areaUnderCurve).toBeGreaterThan(0);
      expect(Object.keys(found.baselines)).not.toContain('optimum');
    },
    TIMEOUT_IN_MS,
  );

  it(
    'verifies two pictures: the same one is the same person',
    async () => {
      const { status, output } = await run('verify', picture(0, 0), picture(0, 0), '--json', '--run', trained);
      expect(status).toBe(0);
      const { pair } = (JSON.parse(output) as Summary).metrics;
      expect(pair!.score).toBeCloseTo(1, 5);
      expect(pair).toMatchObject({ isSame: 1, falseAcceptRate: 0.01 });
      const shown = await run('verify', picture(0, 0), picture(1, 0), '--run', trained);
      expect(shown.output).toMatch(
        /(the same person|two people): score -?\d\.\d{4}, threshold -?\d\.\d{4} at a false accept rate of 1\.0 %/,
      );
    },
    TIMEOUT_IN_MS,
  );

  it(
    'predicts how alike every two of some pictures are',
    async () => {
      const files = [picture(0, 0), picture(1, 1), picture(0, 2)];
      const { status, output } = await run('predict', ...files, '--json', '--run', trained);
      expect(status).toBe(0);
      const { metrics } = JSON.parse(output) as Summary;
      expect(Object.keys(metrics)).toEqual(files.slice(0, 2));
      expect(Object.keys(metrics[files[0]!]!)).toEqual(files.slice(1));
      for (const score of Object.values(metrics).flatMap((each) => Object.values(each)))
        expect(Math.abs(score)).toBeLessThanOrEqual(1 + 1e-6);
    },
    TIMEOUT_IN_MS,
  );

  it(
    'identifies a picture among people of a folder',
    async () => {
      const { status, output } = await run('identify', data, picture(2, 1), '--json', '--run', trained);
      expect(status).toBe(0);
      const scores = (JSON.parse(output) as Summary).metrics[picture(2, 1)]!;
      expect(Object.keys(scores)[0]).toBe('p2');
      expect(scores.p2).toBeCloseTo(1, 5);
    },
    TIMEOUT_IN_MS,
  );

  it.each([
    [
      'a file that is no picture',
      () => ['verify', picture(0, 0), join(folder, 'text.png')],
      'text.png: expected a JPEG or PNG picture',
    ],
    [
      'a picture of one pixel',
      () => ['verify', picture(0, 0), join(folder, 'dot.png')],
      'dot.png: picture: expected at least 2 × 2 pixels, got 1 × 1',
    ],
    ['one picture to verify', () => ['verify', picture(0, 0)], 'verify: expected two pictures, got 1'],
    ['one picture to predict', () => ['predict', picture(0, 0)], 'predict: expected two pictures or more, got 1'],
    ['a folder alone', () => ['identify', data], 'identify: expected a folder and a picture, got 1 paths'],
    [
      'a folder without people',
      () => ['identify', join(data, 'p0'), picture(0, 0)],
      'expected folders of JPEG, PNG or PGM pictures',
    ],
  ])(
    'refuses %s in one line',
    async (_, argv, line) => {
      await writeFile(join(folder, 'text.png'), 'no picture');
      await sharp({ create: { width: 1, height: 1, channels: 3, background: 'red' } })
        .png()
        .toFile(join(folder, 'dot.png'));
      const { status, errors } = await run(...argv(), '--run', trained);
      expect(errors.trim().split('\n').at(-1)).toContain(line);
      expect(errors).not.toContain('    at ');
      expect(status).toBe(2);
    },
    TIMEOUT_IN_MS,
  );

  it(
    'names weights that are not there, in one line',
    async () => {
      const argv = ['--fast', '--out', join(folder, 'bad'), '--set', 'model.weights=none.pth', ...settings];
      const { status, errors } = await run('train', ...argv);
      expect(errors.trim().split('\n').at(-1)).toContain('none.pth: expected a checkpoint, found');
      expect(status).toBe(2);
    },
    TIMEOUT_IN_MS,
  );
});
