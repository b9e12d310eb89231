import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { streamLines, sentencesToTranslate, type Lines } from './reading.ts';

async function* stream(...chunks: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield await Promise.resolve(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
}

async function read(...chunks: readonly (string | Uint8Array)[]): Promise<Lines[]> {
  const found: Lines[] = [];
  for await (const lines of streamLines(stream(...chunks), 'input')) found.push(lines);
  return found;
}

it('yields the lines that each chunk completes, empty ones included', async () => {
  expect(await read('one\ntwo', ' more\r\n\n', 'three\n', 'last')).toEqual([
    { lines: ['one'], firstNumber: 1 },
    { lines: ['two more', ''], firstNumber: 2 },
    { lines: ['three'], firstNumber: 4 },
    { lines: ['last'], firstNumber: 5 },
  ]);
  expect(await read()).toEqual([]);
});

it('joins characters that are split between chunks', async () => {
  const bytes = Buffer.from('schön\n');
  expect(await read(bytes.subarray(0, 4), bytes.subarray(4))).toEqual([{ lines: ['schön'], firstNumber: 1 }]);
});

it('names a line that is not UTF-8, or too long', async () => {
  await expect(read('good\n', Uint8Array.of(0x61, 0xff, 0x0a))).rejects.toThrow(
    'input: line 2: byte 1: expected UTF-8, found 0xff',
  );
  await expect(read('a'.repeat(2 ** 20), 'b')).rejects.toThrow('input: line 1: expected a sentence, found more than');
});

/** Each sentence behind what it is called. */
async function wanted(...from: Parameters<typeof sentencesToTranslate>): Promise<string[]> {
  const found: string[] = [];
  for await (const { sentences, place } of sentencesToTranslate(...from))
    for (const [index, sentence] of sentences.entries()) found.push(`${place(index)}: ${sentence}`);
  return found;
}

it('reads sentences from arguments, a file or standard input', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'motley-reading-'));
  const path = join(folder, 'text');
  await writeFile(path, 'one\n\nthree');
  expect(await wanted(['a b', 'c'], undefined)).toEqual(['predict: argument 1: a b', 'predict: argument 2: c']);
  expect(await wanted([], path)).toEqual([`${path}: line 1: one`, `${path}: line 2: `, `${path}: line 3: three`]);
  const input = stream('one\n', 'two\nthree');
  expect(await wanted([], undefined, input)).toEqual(
    ['one', 'two', 'three'].map((sentence, index) => `standard input: line ${index + 1}: ${sentence}`),
  );
  await rm(folder, { recursive: true });
});

it('refuses two sources and empty arguments', async () => {
  await expect(wanted(['a'], 'b')).rejects.toThrow('predict: expected sentences or --file, got both');
  await expect(wanted(['a', ' '], undefined)).rejects.toThrow(
    'predict: argument 2: expected a sentence, got an empty text',
  );
  await expect(wanted([], '/nowhere/text')).rejects.toThrow('/nowhere/text: expected a text, found');
});
