import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadMulti30k } from './multi30k.ts';

const LINES = { train: 29_000, val: 1014, test_2016_flickr: 1000 } as const;

const lines = (count: number, of: string): string => Array.from({ length: count }, (_, i) => `${of} ${i}.\n`).join('');

describe('Multi30k', () => {
  let folder: string;
  const write = (name: string, text: string | Uint8Array): Promise<void> => writeFile(join(folder, name), text);
  const restore = async (): Promise<void> => {
    for (const [name, count] of Object.entries(LINES)) {
      await write(`${name}.en`, lines(count, `A man in ${name}`));
      await write(`${name}.de`, lines(count, `Ein Mann in ${name}`));
    }
  };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'motley-multi30k-'));
    await restore();
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('loads its files', async () => {
    const { training, validation, test } = await loadMulti30k(folder);
    expect([training.length, validation.length, test.length]).toEqual([29_000, 1014, 1000]);
    expect(training[28_999]).toEqual({
      english: 'A man in train 28999.',
      german: 'Ein Mann in train 28999.',
      kind: 'sentence',
    });
    expect(test[7]!.german).toBe('Ein Mann in test_2016_flickr 7.');
  });

  it.each([
    ['val.de', lines(1000, 'x'), /val\.de: expected 1014 lines, one for each of .*val\.en, found 1000$/],
    ['test_2016_flickr.en', '', /test_2016_flickr\.en: expected a text, found an empty file$/],
    ['train.de', Uint8Array.of(0x61, 0xe4, 0x0a), /train\.de: byte 1: expected UTF-8, found 0xe4$/],
    ['val.en', lines(1014, 'x').replace('x 7.', ' '), /val\.en: line 8: expected a sentence, found an empty line$/],
  ])('%s that is wrong is named', async (name, text, message) => {
    await write(name, text);
    await expect(loadMulti30k(folder)).rejects.toThrow(message);
    await restore();
  });

  it('has the published numbers of lines', async () => {
    for (const language of ['en', 'de']) await write(`val.${language}`, lines(1000, 'x'));
    await expect(loadMulti30k(folder)).rejects.toThrow(/val\.en: expected the 1014 lines of Multi30k, found 1000$/);
    await restore();
  });

  it('needs a folder', async () => {
    await expect(loadMulti30k(undefined)).rejects.toThrow(/^--data: expected the folder with Multi30k's train\.en/);
    await expect(loadMulti30k(join(folder, 'none'))).rejects.toThrow(/none\/train\.en: expected a text/);
  });
});
