import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeArrays, RandomNumbers } from '@motley/run';
import { config, Network } from '@motley/scratch-nn';
import { runProgram } from '@motley/test-tools';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeRun } from '../testing/run-folders.ts';
import { exportSite } from './export-site.ts';

let folder: string;
let run: string;
let page: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motley-export-'));
  page = join(folder, 'page');
  await mkdir(page);
  await writeFile(join(page, 'index.html'), '<!doctype html>');
  const settings = config.resolve({ fast: true });
  const { size } = settings.data;
  const { state } = new Network(settings.model, [size, size, 1], RandomNumbers.fromSeed(1));
  run = await writeRun(join(folder, 'run'), 'scratch-nn', settings, encodeArrays(Object.fromEntries(state)));
});

afterAll(() => rm(folder, { recursive: true }));

/** A copy of the run with something changed. */
async function changed(name: string, change: (path: string) => Promise<unknown>): Promise<string> {
  const path = join(folder, name);
  await cp(run, path, { recursive: true });
  await change(path);
  return path;
}

describe('exportSite', () => {
  it('writes page, list and the parts of each run', async () => {
    const out = join(folder, 'deep', 'site');
    await exportSite({ runs: [run, run], out, page });
    expect((await readdir(out)).sort()).toEqual(['index.html', 'runs', 'runs.json']);
    const listed = JSON.parse(await readFile(join(out, 'runs.json'), 'utf8')) as unknown;
    expect(listed).toEqual({
      format: 'motley-site-1',
      runs: [1, 2].map((number) => ({ system: 'scratch-nn', name: 'run', folder: `runs/${number}` })),
    });
    const weights = await readFile(join(out, 'runs/2/weights.safetensors'));
    expect(weights.equals(await readFile(join(run, 'checkpoints/step-1.safetensors')))).toBe(true);
    const text = await readFile(join(out, 'runs/1/config.json'), 'utf8');
    expect(JSON.parse(text)).toMatchObject({ training: { batchSize: 32 } });
    expect(await readdir(join(folder, 'deep'))).toEqual(['site']);
  });

  it('has the name alone of a file of this machine', async () => {
    const named = await changed('named', async (path) => {
      const config = JSON.parse(await readFile(join(path, 'config.json'), 'utf8')) as { data: object };
      const data = { ...config.data, path: join(folder, 'secret', 'mine.csv') };
      await writeFile(join(path, 'config.json'), JSON.stringify({ ...config, data }));
    });
    const out = join(folder, 'nameless');
    await exportSite({ runs: [named], out, page });
    const text = await readFile(join(out, 'runs/1/config.json'), 'utf8');
    expect(JSON.parse(text)).toMatchObject({ data: { path: 'mine.csv' } });
  });

  it('replaces an earlier site, and nothing else', async () => {
    const out = join(folder, 'again');
    await exportSite({ runs: [run, run], out, page });
    await exportSite({ runs: [run], out, page });
    expect(await readdir(join(out, 'runs'))).toEqual(['1']);
    const mine = join(folder, 'mine');
    await mkdir(mine);
    await writeFile(join(mine, 'thesis.txt'), 'years of work');
    await expect(exportSite({ runs: [run], out: mine, page })).rejects.toThrow(
      `--out ${mine}: expected a new or empty folder, or an exported site, found "thesis.txt" in it`,
    );
    expect(await readdir(mine)).toEqual(['thesis.txt']);
  });

  it('leaves an earlier site as it was, and nothing beside it, where the page cannot be had', async () => {
    const out = join(folder, 'kept', 'site');
    await exportSite({ runs: [run], out, page });
    await expect(exportSite({ runs: [run, run], out, page: join(folder, 'no page') })).rejects.toThrow();
    expect(await readdir(join(out, 'runs'))).toEqual(['1']);
    expect(await readdir(join(folder, 'kept'))).toEqual(['site']);
  });

  it.each([
    ['no configuration', (path: string) => rm(join(path, 'config.json')), 'config.json'],
    ['no checkpoint', (path: string) => rm(join(path, 'checkpoints'), { recursive: true }), 'last'],
    ['a pointer elsewhere', (path: string) => changePointers(path, '../../etc\n'), 'expected step-N, found "../../etc'],
    ['half of the weights', halve, 'step-1.safetensors'],
    [
      'an unknown system',
      (path: string) => changeState(path, 'nobody'),
      'a run of a system with a demo, found one of "nobody"',
    ],
    ['a system that is a path', (path: string) => changeState(path, '../core'), 'found one of "../core"'],
  ])('refuses a run with %s in one line, and writes nothing', async (name, change, message) => {
    const path = await changed(name, change);
    const out = join(folder, `out of ${name}`);
    const error = await exportSite({ runs: [run, path], out, page }).catch((cause: unknown) => cause as Error);
    expect((error as Error).name).toBe('UserError');
    expect((error as Error).message).toContain(message);
    expect((error as Error).message).not.toContain('\n');
    expect((await readdir(folder)).filter((each) => each.includes('out of'))).toEqual([]);
  });
});

describe('the command', () => {
  const cli = join(import.meta.dirname, '../server/cli.ts');

  it('ends with 2 and one line where its input is bad', async () => {
    const out = join(folder, 'never');
    const missing = await runProgram(cli, ['export', '--run', join(folder, 'nothing here'), '--out', out]);
    expect(missing).toMatchObject({ status: 2, output: '' });
    expect(missing.errors).toMatch(/^[^\n]*nothing here[^\n]*\n$/);
    expect(await readdir(folder)).not.toContain('never');
  });
});

async function changePointers(path: string, content: string): Promise<void> {
  for (const name of ['best', 'last']) await writeFile(join(path, 'checkpoints', name), content);
}

async function changeState(path: string, system: string): Promise<void> {
  const file = join(path, 'checkpoints/step-1.state.json');
  const state = JSON.parse(await readFile(file, 'utf8')) as object;
  await writeFile(file, JSON.stringify({ ...state, system }));
}

async function halve(path: string): Promise<void> {
  const file = join(path, 'checkpoints/step-1.safetensors');
  const bytes = await readFile(file);
  await writeFile(file, bytes.subarray(0, bytes.length / 2));
}
