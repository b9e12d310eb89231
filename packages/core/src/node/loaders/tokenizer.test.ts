import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '@motley/run';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CharacterTokenizer } from '../../text/character-tokenizer.ts';
import { loadTokenizer } from './tokenizer.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motley-tokenizer-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('reads saved tokenizers and a WordPiece vocabulary', async () => {
  const json = join(folder, 'tokenizer.json');
  await writeFile(json, JSON.stringify(CharacterTokenizer.train(['cab'])));
  expect([...(await loadTokenizer(json)).encode('abc')]).toEqual([0, 1, 2]);
  const vocabulary = join(folder, 'vocab.txt');
  await writeFile(vocabulary, '[PAD]\n[UNK]\n[CLS]\n[SEP]\nplay\n##ing\nPlay\n');
  expect([...(await loadTokenizer(vocabulary)).encode('Playing')]).toEqual([2, 4, 5, 3]);
  expect([...(await loadTokenizer(vocabulary, { lowercase: false })).encode('Playing')]).toEqual([2, 6, 5, 3]);
});

it('refuses other files', async () => {
  const path = join(folder, 'tokenizer.json');
  await writeFile(path, '{"type": "bpe"');
  await expect(loadTokenizer(path)).rejects.toThrow(
    new UserError(`${path}: expected a tokenizer in JSON, found damaged text`),
  );
  await writeFile(path, '{"type": "bpe", "specials": [], "merges": [[1, 300]]}');
  await expect(loadTokenizer(path)).rejects.toThrow(
    new UserError(`${path}: BPE: merge 0: expected two earlier ids that are not merged yet, got 1, 300`),
  );
  const vocabulary = join(folder, 'vocab.txt');
  await writeFile(vocabulary, '[PAD]\n[UNK]\n');
  await expect(loadTokenizer(vocabulary)).rejects.toThrow(
    new UserError(`${vocabulary}: expected a WordPiece vocabulary with [SEP], found none`),
  );
});
