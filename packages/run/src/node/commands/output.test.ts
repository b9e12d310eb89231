import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '@motley/test-tools';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { commandOutput } from './output.ts';

const learner = join(import.meta.dirname, 'testing/learner-cli.ts');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motley-output-'));
  await writeFile(join(folder, 'pnpm-workspace.yaml'), '');
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs the learner with its streams on devices. @returns status and the text of standard error, where it is a pipe */
async function runOn(argv: readonly string[], output: string, errors?: string): Promise<[number | null, string]> {
  const files = await Promise.all([output, ...(errors === undefined ? [] : [errors])].map((path) => open(path, 'w')));
  const [out, err] = files.map(({ fd }) => fd);
  const node = ['--conditions=@motley/source', '--import', import.meta.resolve('tsx')];
  const child = spawn(process.execPath, [...node, learner, ...argv], {
    cwd: folder,
    stdio: ['ignore', out!, err ?? 'pipe'],
  });
  let text = '';
  child.stderr?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const [status] = (await once(child, 'close')) as [number | null];
  for (const file of files) await file.close();
  return [status, text];
}

describe.skipIf(!existsSync('/dev/full'))('a full device (needs /dev/full)', () => {
  it.each([
    ['train', ['train', '--fast']],
    ['train --json', ['train', '--fast', '--json']],
    ['--help', ['train', '--help']],
  ])('as output of %s is one line on standard error, and status 1', async (name, argv) => {
    const out = argv.includes('--fast') ? ['--out', join(folder, name)] : [];
    const [status, errors] = await runOn([...argv, ...out], '/dev/full');
    const lines = errors.split('\n').filter((line) => !/^(epoch |scratch on |from step |$)/.test(line));
    expect([status, lines]).toEqual([1, ['cannot write the standard output: no space left on the disk']]);
    // The run itself is complete.
    if (out.length > 0) expect(await readFile(join(folder, name, 'summary.json'), 'utf8')).toContain('completed');
  });

  it('for standard error does not end a training', async () => {
    const out = join(folder, 'silent');
    expect(await runOn(['train', '--fast', '--out', out], '/dev/null', '/dev/full')).toEqual([0, '']);
    expect(await readFile(join(out, 'summary.json'), 'utf8')).toContain('completed');
  });
});

describe('on a terminal', () => {
  const written = (isTerminal: boolean, isJson: boolean): string[] => {
    const texts: string[] = [];
    const streams = [process.stdout, process.stderr];
    const before = streams.map(({ isTTY }) => isTTY);
    for (const stream of streams) {
      stream.isTTY = isTerminal;
      vi.spyOn(stream, 'write').mockImplementation((text) => texts.push(String(text)) > 0);
    }
    const { print, write, writeJson } = commandOutput(isJson);
    print('class \u001b[31mred\u0007: 3');
    write('two\nlines');
    writeJson({ '\u009b': 1 });
    vi.restoreAllMocks();
    for (const [index, stream] of streams.entries()) stream.isTTY = before[index]!;
    return texts;
  };

  it('names that come from data are escaped, and still are JSON', () => {
    for (const isJson of [false, true]) {
      const texts = written(true, isJson);
      expect(texts.slice(0, 2)).toEqual(['class \\u001b[31mred\\u0007: 3\n', 'two\nlines']);
      expect(texts[2]).toBe('{\n  "\\u009b": 1\n}\n');
      expect(JSON.parse(texts[2]!)).toEqual({ '\u009b': 1 });
    }
  });

  it('only: a file or pipe gets the text as it is', () => {
    expect(written(false, false)[0]).toBe('class \u001b[31mred\u0007: 3\n');
  });
});

it('a configuration may begin with a byte order mark', async () => {
  const config = join(folder, 'config.json');
  await writeFile(config, '\uFEFF{"target": 7}');
  const out = join(folder, 'marked');
  const argv = ['train', '--fast', '--config', config, '--out', out];
  expect(await runProgram(learner, argv, { cwd: folder })).toMatchObject({ status: 0 });
  expect(JSON.parse(await readFile(join(out, 'config.json'), 'utf8'))).toMatchObject({ target: 7 });
  await writeFile(config, Buffer.from([0x7b, 0xff, 0x7d]));
  const damaged = await runProgram(learner, [...argv.slice(0, -1), join(folder, 'damaged')], { cwd: folder });
  expect(damaged).toMatchObject({ status: 2, errors: `${config}: byte 1: expected UTF-8, found 0xff\n` });
});
