import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RandomStream } from '@motley/core';
import { drawDoodle } from '@motley/core/generators';
import { imageGrid } from '@motley/run/node';
import { runProgram, type Ended } from '@motley/test-tools';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

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
  let trained: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'motley-branching-'));
    trained = join(folder, 'run');
  });
  afterAll(() => rm(folder, { recursive: true }));

  const tiny = [
    'data.imageSize=16',
    'data.generatedExamples=100',
    'data.generatedTestExamples=100',
    'data.validationExamples=36',
    'model.trunkChannels=4,8',
    'model.branchChannels=4',
  ].flatMap((each) => ['--set', each]);

  it('trains on WebAssembly, and prints nothing but its summary', async () => {
    const argv = ['--preset', 'doodles', '--json', '--backend', 'wasm', '--out', trained, '--steps', '6', ...tiny];
    const { status, output, errors } = await run('train', ...argv);
    expect(errors).not.toContain('Error');
    expect(status).toBe(0);
    const summary = JSON.parse(output) as Summary;
    expect(summary).toMatchObject({ command: 'train', status: 'completed', backend: 'wasm', steps: 6 });
    expect(Object.keys(summary.metrics.test).sort()).toEqual([
      'accuracy',
      'loss',
      'multiplyAddsOfAllBranches',
      'multiplyAddsPerImage',
      'routingAccuracy',
      'top5Accuracy',
    ]);
    expect(Object.keys(summary.baselines)).toEqual(['majority']);
    for (const name of ['confusion-of-groups', 'confusion-of-classes', 'routing', 'branches', 'learning-curve'])
      expect(existsSync(join(trained, 'figures', `${name}.png`))).toBe(true);
  });

  it('evaluates, draws figures and classifies pictures', async () => {
    const argv = ['--backend', 'wasm', '--run', trained];
    const evaluated = await run('evaluate', '--json', ...argv);
    expect(evaluated).toMatchObject({ status: 0 });
    const trainedSummary = JSON.parse(await readFile(join(trained, 'summary.json'), 'utf8')) as Summary;
    expect((JSON.parse(evaluated.output) as Summary).metrics.test).toEqual(trainedSummary.metrics.test);
    await rm(join(trained, 'figures'), { recursive: true });
    expect(await run('figures', ...argv)).toMatchObject({ status: 0 });
    expect(existsSync(join(trained, 'figures', 'routing.png'))).toBe(true);
    const { image } = drawDoodle(RandomStream.fromSeed(1), { imageSize: 40 });
    const picture = join(folder, 'doodle.png');
    await writeFile(picture, (await imageGrid({ images: image, shape: [1, 40, 40, 1], scale: 1 })).png);
    const predicted = await run('predict', picture, picture, ...argv);
    expect(predicted).toMatchObject({ status: 0 });
    const lines = predicted.output.split('\n').filter((line) => line.startsWith(picture));
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/: \w+ [\d.]+ %, \w+ [\d.]+ %, \w+ [\d.]+ % \(branch \w+ [\d.]+ %\)$/);
  });

  it.each([
    ['train', ['--preset', 'doodles', '--set', 'data.groups={"a":["sun","moon"]}'], 'got "moon" in the group "a"'],
    ['train', ['--preset', 'cifar10', '--data', '/nowhere'], '/nowhere: expected the folder cifar-10-batches-bin or'],
    ['train', ['--set', 'model.normalization=batch'], 'model.normalization: expected "group" with 3 branches'],
    ['predict', [], 'predict: expected at least one picture (predict FILE…), got none'],
  ])('exits with status 2 and one line: %s %o', async (command, given, line) => {
    const place = command === 'train' ? ['--out', join(folder, 'bad')] : ['--run', trained];
    const { status, errors } = await run(command, ...given, '--backend', 'cpu', ...place);
    expect(status).toBe(2);
    expect(errors.trim().split('\n').at(-1)).toContain(line);
    expect(existsSync(join(folder, 'bad'))).toBe(false);
  });

  it('refuses a file that is no picture', async () => {
    await mkdir(join(folder, 'pictures'));
    const path = join(folder, 'pictures', 'text.png');
    await writeFile(path, 'no picture');
    const { status, errors } = await run('predict', path, '--run', trained, '--backend', 'cpu');
    expect(status).toBe(2);
    expect(errors.trim().split('\n').at(-1)).toContain(`${path}: expected a JPEG or PNG picture`);
  });
});
