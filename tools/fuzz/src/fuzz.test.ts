import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Draws } from './draws.ts';
import { fuzz, tableOf } from './fuzz.ts';
import { mutate } from './mutate.ts';
import { readMutants } from './pool.ts';
import { readers } from './readers.ts';
import { judge, mutantOf } from './run-mutant.ts';
import { readers as badReaders } from './testing/bad-readers.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motley-fuzz-test-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('mutants', () => {
  it('are the same for the same seed, and others for another one', async () => {
    for (const reader of readers) {
      const corpus = await reader.corpus();
      const bytes = (seed: number) =>
        Buffer.concat([0, 1, 2, 3].flatMap((index) => [...mutantOf(reader, corpus, seed, index).files.values()]));
      expect(bytes(1).equals(bytes(1)), reader.name).toBe(true);
      expect(bytes(1).equals(bytes(2)), reader.name).toBe(false);
    }
  });

  it.each(['bytes', 'text', 'json', 'pickle'] as const)('of %s take empty and odd content', (structure) => {
    for (const content of [Buffer.alloc(0), Buffer.from('{'), Buffer.from('[1,{"a":null}]')])
      for (let index = 0; index < 200; index++)
        expect(mutate(content, structure, new Draws(3, index), [content])).toBeInstanceOf(Buffer);
  });
});

describe('readers', () => {
  it.each(readers.map((reader) => [reader.name, reader] as const))(
    '%s takes its unchanged files',
    async (name, reader) => {
      for (const variant of await reader.corpus()) {
        const files = new Map(variant.map(({ name: file, content, wrap }) => [file, wrap?.(content) ?? content]));
        const expected = name === 'lock' ? 'refused' : 'accepted';
        expect(await judge(reader, { changed: '', files }, join(folder, 'good'))).toEqual({ outcome: expected });
      }
    },
  );

  it('take mutants or refuse them in one clear line', async () => {
    const out = join(folder, 'out');
    const { outcomes, bad } = await fuzz({
      names: [],
      mutants: 100 * readers.length,
      seed: 7,
      processes: 2,
      timeoutInMs: 20_000,
      out,
    });
    expect(bad).toEqual([]);
    expect(outcomes.size).toBe(readers.length);
    for (const counts of outcomes.values()) expect([...counts.values()].reduce((sum, count) => sum + count)).toBe(100);
    expect(tableOf(outcomes)).toMatch(/^reader +accepted +refused .*\nsafetensors +\d+ +\d+( +0)+\n/);
  });
});

describe('outcomes', () => {
  it('are told apart, and a new process goes on after each', async () => {
    const names = badReaders.map(({ name }) => name);
    const found: string[] = [];
    const outcomes = await readMutants(names, 2 * names.length, {
      module: join(import.meta.dirname, 'testing/bad-readers.ts'),
      seed: 1,
      processes: 2,
      timeoutInMs: 8000,
      heapInMiB: 128,
      onBad: (reader, index) => found.push(`${reader} ${index}`),
    });
    expect(Object.fromEntries([...outcomes].map(([name, counts]) => [name, Object.fromEntries(counts)]))).toEqual(
      Object.fromEntries(names.map((name) => [name, { [name]: 2 }])),
    );
    expect(found.length).toBe(2 * (names.length - 2));
  });

  it('an unknown reader is named', async () => {
    const options = { mutants: 1, seed: 1, processes: 1, timeoutInMs: 1000, out: folder };
    await expect(fuzz({ ...options, names: ['nothing'] })).rejects.toThrow(
      /expected readers of safetensors, .*got nothing/,
    );
    expect(await readdir(folder)).not.toContain('nothing-1-0');
  });
});
