import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { TensorBoardLog } from '../tensorboard/tensorboard-log.ts';
import { flattenConfig } from './flatten-config.ts';
import { createLoggers, parseLoggerNames } from './loggers.ts';
import { exampleSummary } from './testing/example-summary.ts';

it('finds loggers by name', () => {
  expect(parseLoggerNames(undefined)).toEqual([]);
  expect(parseLoggerNames('wandb,tensorboard,wandb')).toEqual(['wandb', 'tensorboard']);
  expect(() => parseLoggerNames('mlfow')).toThrow('--log: unknown logger "mlfow"; did you mean "mlflow"?');
});

it('flattens a configuration for tables of hyperparameters', () => {
  const config = { a: { b: 1, c: [1, { d: null }], e: {} }, f: null, g: NaN, h: 'x', i: false };
  expect(flattenConfig(config)).toEqual({ 'a.b': 1, 'a.c': '[1,{"d":null}]', f: 'null', g: 'NaN', h: 'x', i: false });
});

it('opens TensorBoard for every run, with weights and graph where it is named, and a new file each time', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'motley-loggers-'));
  try {
    const context = { folder, system: 'vae', config: {}, runName: 'a', resumed: false };
    for (const [names, showsAll] of [
      [[], false],
      [['wandb', 'tensorboard'], true],
    ] as const) {
      const loggers = await createLoggers(names, context);
      expect(loggers).toHaveLength(Math.max(names.length, 1));
      const log = loggers.at(-1);
      expect(log).toBeInstanceOf(TensorBoardLog);
      expect([log!.onEpochEnd !== undefined, log!.onGraph !== undefined]).toEqual([showsAll, showsAll]);
      for (const logger of loggers) await logger.finish(exampleSummary());
    }
    const names = (await readdir(folder)).map((name) => name.split('.').slice(0, 3).join('.')).sort();
    expect(names).toEqual(['events.out.tfevents', 'events.out.tfevents', 'wandb']);
  } finally {
    await rm(folder, { recursive: true });
  }
});
