import { expect, it } from 'vitest';
import { parseLoggerNames } from './create-loggers.ts';
import { flattenConfig } from './flatten-config.ts';

it('knows its loggers by name', () => {
  expect(parseLoggerNames(undefined)).toEqual([]);
  expect(parseLoggerNames('wandb,tensorboard,wandb')).toEqual(['wandb', 'tensorboard']);
  expect(() => parseLoggerNames('mlfow')).toThrow('--log: unknown logger "mlfow"; did you mean "mlflow"?');
});

it('flattens a configuration to what tables of hyperparameters take', () => {
  const config = { a: { b: 1, c: [1, { d: null }], e: {} }, f: null, g: NaN, h: 'x', i: false };
  expect(flattenConfig(config)).toEqual({ 'a.b': 1, 'a.c': '[1,{"d":null}]', f: 'null', g: 'NaN', h: 'x', i: false });
});
