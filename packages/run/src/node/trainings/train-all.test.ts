import { expect, it } from 'vitest';
import { z } from 'zod';
import { trainArguments } from './train-all.ts';

const shape = {
  warmStart: z.boolean().default(false).describe('from scratch'),
  part: z.string().default('all').describe('the whole'),
};

it('passes on backend, precision, data, logs, and options of the training itself', () => {
  const own: Readonly<Record<string, string | true>> = { part: 'first', parallel: '3' };
  const given = {
    backend: 'cpu',
    precision: 'bfloat16',
    compile: false,
    data: '/own',
    log: 'wandb',
    epochs: '3',
    out: '/out',
    json: true,
  };
  expect(trainArguments('sweep', given, (name) => own[name], shape)).toEqual([
    '--backend',
    'cpu',
    '--precision',
    'bfloat16',
    '--no-compile',
    '--data',
    '/own',
    '--log',
    'wandb',
    '--part',
    'first',
  ]);
});

it('passes on nothing that was not given', () => {
  expect(trainArguments('sweep', { compile: true }, () => undefined, shape)).toEqual([]);
});
