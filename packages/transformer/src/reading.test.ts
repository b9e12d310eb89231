import { expect, it } from 'vitest';
import { linesAsTheyCome, type Lines } from './reading.ts';

async function read(...chunks: readonly (string | Uint8Array)[]): Promise<Lines[]> {
  // eslint-disable-next-line @typescript-eslint/require-await -- a stream is asynchronous
  async function* stream(): AsyncGenerator<Uint8Array> {
    for (const chunk of chunks) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
  }
  const found: Lines[] = [];
  for await (const lines of linesAsTheyCome(stream(), 'input')) found.push(lines);
  return found;
}

it('gives the lines that each piece ends, with empty ones', async () => {
  expect(await read('one\ntwo', ' more\r\n\n', 'three\n', 'last')).toEqual([
    { lines: ['one'], firstNumber: 1 },
    { lines: ['two more', ''], firstNumber: 2 },
    { lines: ['three'], firstNumber: 4 },
    { lines: ['last'], firstNumber: 5 },
  ]);
  expect(await read()).toEqual([]);
});

it('puts characters together that come in pieces', async () => {
  const bytes = Buffer.from('schön\n');
  expect(await read(bytes.subarray(0, 4), bytes.subarray(4))).toEqual([{ lines: ['schön'], firstNumber: 1 }]);
});

it('names the line that is no UTF-8, or too long', async () => {
  await expect(read('good\n', Uint8Array.of(0x61, 0xff, 0x0a))).rejects.toThrow(
    'input: line 2: byte 1: expected UTF-8, found 0xff',
  );
  await expect(read('a'.repeat(2 ** 20), 'b')).rejects.toThrow('input: line 1: expected a sentence, found more than');
});
