import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { defineConfig } from '@motley/run';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { AnyProgram } from './program.ts';
import { describeSystem, systemDescriptionSchema } from './system-description.ts';

const config = defineConfig(
  z.strictObject({
    size: z.int().min(2).max(9).default(3).describe('small'),
    rate: z.number().gt(0).lt(1).nullable().default(null).describe('none'),
    kind: z.enum(['a', 'b']).default('a').describe('first'),
    training: z.strictObject({
      sizes: z.array(z.int()).default([1]).describe('one'),
      path: z.string().default('').describe('no'),
    }),
  }),
  { presets: { large: { description: 'more', config: { size: 9, training: { sizes: [2, 3] } } } }, fast: {} },
);
const program = {
  system: 'line',
  description: 'a line',
  config,
  load: () => undefined,
  restore: () => ({ parameterCount: () => 0 }),
  train: { run: () => Promise.reject(new Error('not called')) },
  commands: { evaluate: () => undefined },
  studies: { sizes: { description: 'which size', variants: {}, columns: [] } },
} satisfies AnyProgram;

describe('describeSystem', () => {
  it('lists presets, fields with limits, commands and studies', () => {
    const described = describeSystem(program);
    expect(described).toMatchObject({
      name: 'line',
      presets: { large: 'more' },
      commands: ['train', 'sweep', 'study', 'evaluate', 'figures'],
      studies: { sizes: 'which size' },
    });
    expect(described.fields).toEqual([
      {
        path: 'size',
        type: 'integer',
        isNullable: false,
        description: 'small',
        expected: 'an integer of at least 2 and of at most 9',
        default: 3,
        min: 2,
        max: 9,
        presets: { large: 9 },
      },
      expect.objectContaining({
        path: 'rate',
        type: 'number',
        isNullable: true,
        min: 0,
        isMinExcluded: true,
        max: 1,
        isMaxExcluded: true,
      }),
      expect.objectContaining({ path: 'kind', type: 'choice', choices: ['a', 'b'] }),
      expect.objectContaining({ path: 'training.sizes', type: 'list', presets: { large: [2, 3] } }),
      expect.objectContaining({ path: 'training.path', type: 'string', isNullable: false }),
    ]);
    expect(systemDescriptionSchema.parse(JSON.parse(JSON.stringify(described)))).toEqual(described);
  });

  it('is printed by the command describe, which also checks settings', () => {
    const example = join(import.meta.dirname, '../../testing/example.ts');
    const run = (...args: readonly string[]) =>
      spawnSync(process.execPath, ['--conditions=@motley/source', '--import', 'tsx', example, 'describe', ...args], {
        encoding: 'utf8',
      });
    const { stdout, status } = run('--set', 'training.epochs=2');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ name: 'line', resolved: { training: { epochs: 2 } } });
    const wrong = run('--set', 'training.epochs=none');
    expect([wrong.status, wrong.stdout]).toEqual([2, '']);
    expect(wrong.stderr).toMatch(/^--set: training\.epochs expected [^\n]+\n$/);
  });
});
