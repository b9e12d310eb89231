import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '@motley/run';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadData, vocabularyOf } from './data.ts';

describe('loadData', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'motley-by-hand-data-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function textFile(content: string | Uint8Array): Promise<string> {
    const path = join(folder, 'text.txt');
    await writeFile(path, content);
    return path;
  }

  const characters = { level: 'character', lines: null } as const;

  it('encodes characters, and keeps the last tenth for validation', async () => {
    const text = 'čaj a káva 🍵, '.repeat(10);
    const data = await loadData(characters, await textFile(text));
    const { tokenizer, codes } = data.vocabulary;
    expect(tokenizer.decode([...data.training, ...data.validation])).toBe(text);
    expect(data.validation).toHaveLength(14);
    expect(codes).toEqual(codes.toSorted());
    expect(Array.from(codes, (code) => String.fromCodePoint(code))).toContain('🍵');
    expect(data.symbolsPerCharacter).toBe(1);
  });

  it('encodes bytes, several to a character', async () => {
    const data = await loadData({ ...characters, level: 'byte' }, await textFile('žž'.repeat(50)));
    expect(data.vocabulary.tokenizer.vocabularySize).toBe(256);
    expect(data.symbolsPerCharacter).toBe(2);
  });

  it('keeps only the first lines where configured', async () => {
    const path = await textFile('one\ntwo\nthree\nfour\n');
    const of = async (lines: number) => {
      const { training, validation, vocabulary } = await loadData({ ...characters, lines }, path);
      return vocabulary.tokenizer.decode([...training, ...validation]);
    };
    expect(await of(2)).toBe('one\ntwo');
    expect(await of(9)).toBe('one\ntwo\nthree\nfour\n');
  });

  it('reads Moby-Dick by default', async () => {
    const { training, validation, vocabulary } = await loadData(characters);
    expect(training.length + validation.length).toBeGreaterThan(1_000_000);
    expect(vocabulary.tokenizer.decode(training)).toContain('Call me Ishmael.');
  });

  it.each([
    ['an empty file', '', 'expected a text, found an empty file'],
    ['a single symbol', 'aaaa', 'expected a text of two different symbols or more, found only "a"'],
    ['bytes that are not UTF-8', Uint8Array.of(97, 0xff, 98), 'byte 1: expected UTF-8, found 0xff'],
  ])('refuses %s in one line that names the file', async (_, content, line) => {
    const path = await textFile(content);
    await expect(loadData(characters, path)).rejects.toThrow(new UserError(`${path}: ${line}`));
  });

  it('refuses a text with characters outside the vocabulary', async () => {
    const path = await textFile('abcd');
    const vocabulary = vocabularyOf(Int32Array.of(97, 98), 'character');
    await expect(loadData(characters, path, vocabulary)).rejects.toThrow(
      new UserError(`${path}: character 2: expected a known character, found "c", one of the text that was trained on`),
    );
  });
});
