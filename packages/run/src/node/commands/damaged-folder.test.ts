import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { runLearner } from './testing/learner.ts';

let folder: string;
let good: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motley-damaged-'));
  good = join(folder, 'good');
  expect((await learner('train', '--fast', '--out', good)).status).toBe(0);
  expect((await learner('evaluate', '--run', good)).status).toBe(0);
});
afterAll(() => rm(folder, { recursive: true }));

async function learner(...argv: string[]): Promise<{ status: number; errors: string }> {
  let errors = '';
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => (errors += String(text)).length > 0);
  try {
    return { status: await runLearner(argv), errors };
  } finally {
    vi.restoreAllMocks();
  }
}

const deep = (opening: string): string => opening.repeat(100_000);
/** Makes something else of a file. */
const damages: Readonly<Record<string, (path: string) => Promise<unknown>>> = {
  'a folder': (path) => mkdir(join(path, 'inside'), { recursive: true }),
  'an empty file': (path) => writeFile(path, ''),
  null: (path) => writeFile(path, 'null\n'),
  'a number': (path) => writeFile(path, '3\n'),
  'a list': (path) => writeFile(path, '[]\n'),
  'an empty record': (path) => writeFile(path, '{}\n'),
  'a record of nulls': (path) =>
    writeFile(
      path,
      '{"step":1,"epoch":1,"split":"test","timeInSeconds":1,"metrics":null,"state":null,"training":null}\n',
    ),
  'metrics of nulls': (path) =>
    writeFile(path, '{"step":1,"epoch":1,"split":"test","timeInSeconds":1,"metrics":{"loss":{"a":[]}}}\n'),
  'metrics of a time and a split of other kinds': (path) =>
    writeFile(path, '{"step":1,"epoch":null,"split":"__proto__","timeInSeconds":"x","metrics":{"loss":1}}\n'),
  'a checkpoint without a state': (path) =>
    writeFile(
      path,
      '{"format":"motley-checkpoint-1","system":"learner","step":10,"epoch":1,"bestStep":"x","state":null}\n',
    ),
  'lists nested very deeply': (path) => writeFile(path, deep('[') + deep(']')),
  'records nested very deeply': (path) => writeFile(path, `${deep('{"training":')}1${deep('}')}`),
  'bytes that are no text': (path) => writeFile(path, Uint8Array.of(255, 254, 0, 10)),
  'a link to itself': (path) => symlink(path, path),
};
const files = [
  'config.json',
  'data.json',
  'lock',
  'metrics.jsonl',
  'start.json',
  'summary.json',
  'summary-evaluate.json',
  'report.html',
  'figures',
  'checkpoints',
  'checkpoints/last',
  'checkpoints/best',
  'checkpoints/step-10.state.json',
  'checkpoints/step-10.safetensors',
  'checkpoints/step-10.optimizer.safetensors',
];

describe.each(files)('%s of a run folder', (file) => {
  it.each(Object.entries(damages))('as %s never shows a stack', async (name, damage) => {
    const path = join(folder, `${file.replaceAll('/', '-')}-${name.replaceAll(' ', '-')}`);
    for (const argv of [
      ['evaluate', '--run', path],
      ['figures', '--run', path],
      ['train', '--resume', path, '--steps', '20'],
    ]) {
      await cp(good, path, { recursive: true });
      await rm(join(path, file), { recursive: true, force: true });
      await damage(join(path, file));
      const { status, errors } = await learner(...argv);
      const shown = `${argv[0]!}: ${errors}`;
      expect([0, 1, 2], shown).toContain(status);
      expect(errors, shown).not.toMatch(/ {4}at |TypeError|RangeError|the stack/);
      // A file that cannot be written is a failure of the disk; anything read is a mistake of the user.
      if (status === 1) expect(errors, shown).toContain('cannot write ');
      if (status !== 0) expect(errors.trim().split('\n').at(-1)!.length, shown).toBeGreaterThan(20);
      expect((await readdir(path)).includes('error.log'), shown).toBe(false);
      await rm(path, { recursive: true });
    }
  });
});

describe('--config', () => {
  const endless = ['an endless device', (path: string) => symlink('/dev/zero', path)] as const;
  it.each([...Object.entries(damages), endless])('that is %s is an error in one line', async (name, damage) => {
    const path = join(folder, `config-${name.replaceAll(' ', '-')}`);
    await damage(path);
    const out = join(folder, 'never');
    const { status, errors } = await learner('train', '--config', path, '--out', out);
    if (name === 'an empty record') return;
    expect([status, errors]).toEqual([2, expect.stringMatching(/^[^\n]*\n$/)]);
    expect(errors.length).toBeLessThan(2002);
  });
});
