import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '@motley/run';
import { config } from '@motley/transformer';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readRun, toMarkdown } from './command.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'motley-bench-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const write = (name: string, value: unknown): void => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), typeof value === 'string' ? value : JSON.stringify(value));
};

const metrics = { test: { loss: 2, bleu: 30, chrf: 50, exact: 0.1 } };
const summary = { status: 'completed', steps: 10, parameters: 5, wallTimeInSeconds: 3, metrics };
const settings = config.resolve({});

describe('readRun', () => {
  it('reads the settings, metrics and pairs of a run', () => {
    write('summary.json', summary);
    write('config.json', settings);
    write('pairs.json', { references: ['Ein Baum.'] });
    write('vocabulary.json', { type: 'bpe', specials: ['<pad>'], merges: [] });
    const run = readRun(folder);
    expect(run).toMatchObject({ folder, summary, references: ['Ein Baum.'] });
    expect(run.tokenizer.decode([66])).toBe('b');
  });

  it.each([
    ['summary.json', undefined, /summary\.json: expected a file of a run of packages\/transformer, found none; name/u],
    ['summary.json', '{', /summary\.json: expected a file of a run in JSON, found damaged text$/u],
    ['summary.json', { steps: 3 }, /summary\.json: expected the test's BLEU of a completed training, found none$/u],
    ['pairs.json', undefined, /pairs\.json: .*found none; pnpm --filter transformer export --run /u],
  ])('says in one line what is wrong with %s (%j)', (name, value, message) => {
    write('summary.json', summary);
    write('config.json', settings);
    if (value === undefined) rmSync(join(folder, name), { force: true });
    else write(name, value);
    expect(() => readRun(folder)).toThrow(UserError);
    expect(() => readRun(folder)).toThrow(message);
  });
});

it('toMarkdown has a row for each side', () => {
  const row = {
    seed: 3,
    parameters: 1_080_192,
    loss: 2.5,
    bleu: 31.416,
    chrf: 52.718,
    exact: 0.125,
    timeInSeconds: 400,
  };
  const page = toMarkdown(
    [
      { ...row, name: 'ours' },
      { ...row, name: 'PyTorch 2' },
    ],
    { config: settings, steps: 10 },
    2,
  );
  expect(page).toContain('10 steps on the same pairs (grammar)');
  expect(page).toMatch(/^\| ours +\| +3 \| +1,080,192 \| +2\.500 \| +31\.42 \| +52\.72 \| +12\.5 % \| +400 \|$/m);
  expect(page).toMatch(/^\| PyTorch 2 \|/m);
});
