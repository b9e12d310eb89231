import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { modulesLoadedWith } from '@motley/test-tools';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { defineConfig } from '../../config/config.ts';
import { runScratchCommandLine } from './scratch-program.ts';

const config = defineConfig(
  z.strictObject({
    training: z.strictObject({
      steps: z.int().min(1).default(4).describe('a few'),
      seed: z.int().min(0).default(1).describe('any'),
    }),
  }),
  { fast: { training: { steps: 1 } } },
);

/** A system that adds a third to one float64 at each step. */
const run = (...argv: string[]): Promise<number> =>
  runScratchCommandLine(
    {
      system: 'adder',
      description: 'Adds.',
      precision: 'float64',
      config,
      train: {
        async run({ config: { training }, listeners, resume }) {
          const sum = Float64Array.from(resume?.weights.sum?.values ?? [0]);
          for (let step = (resume?.step ?? 0) + 1; step <= training.steps; step++) {
            sum[0]! += 1 / 3;
            for (const listener of listeners) {
              await listener.onCheckpoint?.({
                step,
                epoch: 1,
                weights: { sum: { shape: [], values: sum } },
                optimizer: { moves: { shape: [1], values: Int32Array.of(step) } },
                state: { step },
                isBest: step === 2,
              });
            }
          }
          return { status: 'completed', epochs: 1, steps: training.steps, metrics: { test: { loss: sum[0]! } } };
        },
      },
      commands: {
        evaluate: {
          description: 'look at it',
          run: ({ checkpoint: { weights, optimizer, state, step } }) =>
            Promise.resolve({
              metrics: {
                test: { sum: weights.sum!.values[0]!, moves: optimizer.moves!.values[0]!, step },
                state: state as { step: number },
              },
            }),
        },
      },
    },
    argv,
  );

let folder: string;
let errors: string;

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'motley-')), 'run');
  errors = '';
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    errors += String(text);
    return true;
  });
});

afterEach(async () => {
  vi.restoreAllMocks();
  await rm(join(folder, '..'), { recursive: true });
});

async function summary(name: string): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(join(folder, name), 'utf8')) as Record<string, unknown>;
}

describe('a system without tensors', () => {
  it('says so in its summary, and keeps every bit of its arrays', async () => {
    expect(await run('train', '--out', folder)).toBe(0);
    expect(await summary('summary.json')).toMatchObject({ backend: 'scratch', tensorflow: null, precision: 'float64' });
    expect(await run('evaluate', '--run', folder, '--checkpoint', 'last')).toBe(0);
    const thirds = 1 / 3 + 1 / 3 + 1 / 3 + 1 / 3;
    expect(await summary('summary-evaluate.json')).toMatchObject({
      metrics: { test: { sum: thirds, moves: 4, step: 4 }, state: { step: 4 } },
    });
    expect(await run('evaluate', '--run', folder)).toBe(0);
    expect(await summary('summary-evaluate.json')).toMatchObject({ metrics: { test: { sum: 2 / 3, step: 2 } } });
  });

  it('goes on where it was', async () => {
    expect(await run('train', '--steps', '2', '--out', folder)).toBe(0);
    expect(await run('train', '--steps', '4', '--resume', folder)).toBe(0);
    expect(await summary('summary.json')).toMatchObject({
      steps: 4,
      metrics: { test: { loss: 1 / 3 + 1 / 3 + 1 / 3 + 1 / 3 } },
    });
  });

  it.each(['--backend=cpu', '--no-compile', '--precision=float32'])('has no %s', async (option) => {
    expect(await run('train', option, '--out', folder)).toBe(2);
    expect(errors).toMatch(/^unknown option/);
  });
});

describe('@motley/run', () => {
  const isOfTensors = (path: string): boolean => /@tensorflow\/|packages\/tensorflow\//.test(path);

  it.each(['../../index.ts', '../index.ts', '../study/index.ts'])('%s imports no library of tensors', async (file) => {
    const loaded = await modulesLoadedWith(join(import.meta.dirname, file));
    expect(loaded.some((path) => path.includes('/zod/'))).toBe(true);
    expect(loaded.filter(isOfTensors)).toEqual([]);
  });
});
