import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UserError } from '../config/errors.ts';
import { loadLines, loadParallelText, loadText } from './text.ts';
import { decodeUtf8, decodeUtf8Stream } from './utf8.ts';

let folder: string;
let english: string;
let german: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motley-text-'));
  english = join(folder, 'a.en');
  german = join(folder, 'a.de');
});
afterEach(() => rm(folder, { recursive: true }));

describe('texts', () => {
  it('keeps every character except a byte order mark', async () => {
    await writeFile(english, '\uFEFFtab\t, \u2028, 日本, 👍🏽, \uFEFF, \uFFFD\r\n');
    expect(await loadText(english)).toBe('tab\t, \u2028, 日本, 👍🏽, \uFEFF, \uFFFD\r\n');
  });

  it('splits lines at LF and CRLF alone', async () => {
    await writeFile(english, 'one\r\n\ntwo\u2028 and \u0085 three\vfour\n');
    expect(await loadLines(english)).toEqual(['one', '', 'two\u2028 and \u0085 three\vfour']);
  });

  it('reads line-aligned texts, and reports different numbers of lines', async () => {
    await writeFile(english, 'yes\nno\n');
    await writeFile(german, 'ja\nnein');
    expect(await loadParallelText(english, german)).toEqual({ source: ['yes', 'no'], target: ['ja', 'nein'] });
    await writeFile(german, 'ja\nnein\nvielleicht\n');
    await expect(loadParallelText(english, german)).rejects.toThrow(
      new UserError(`${german}: expected 2 lines, one for each of ${english}, found 3`),
    );
  });

  it.each([
    ['empty', Buffer.alloc(0), 'expected a text, found an empty file'],
    ['Latin-1', Buffer.from('Gr\xfc\xdfe', 'latin1'), 'byte 2: expected UTF-8, found 0xfc'],
    ['binary', Buffer.from('PK\x03\x04\x00\x00'), 'byte 4: expected a text, found a zero byte'],
    ['truncated', Buffer.from('日本').subarray(0, 5), 'byte 3: expected UTF-8, found 0xe6'],
    ['huge', Buffer.alloc(101, 'a'), 'expected a text of at most 100 bytes, found 101'],
  ])('refuses a file that is %s', async (_, bytes, message) => {
    await writeFile(english, bytes);
    await expect(loadText(english, { maxBytes: 100 })).rejects.toThrow(new UserError(`${english}: ${message}`));
  });
});

describe('UTF-8', () => {
  const text = 'aé日👍\uFFFD'.repeat(3);
  const bytes = Buffer.from(text);
  async function* inPieces(whole: Buffer, size: number) {
    for (let start = 0; start < whole.length; start += size)
      yield await Promise.resolve(whole.subarray(start, start + size));
  }
  const streamed = async (whole: Buffer, size: number) => {
    let result = '';
    for await (const part of decodeUtf8Stream(inPieces(whole, size), 'a')) result += part;
    return result;
  };

  it.each([1, 2, 3, 4, 5, 7, 100])('is decoded from chunks of %d bytes', async (size) => {
    expect(await streamed(bytes, size)).toBe(text);
    expect(await streamed(Buffer.concat([Buffer.from('\uFEFF'), bytes]), size)).toBe(text);
  });

  // A stray byte, an overlong form, a surrogate, a code point beyond Unicode, a truncated character.
  it.each([[[0x80]], [[0xc0, 0xaf]], [[0xed, 0xa0, 0x80]], [[0xf5, 0x80, 0x80, 0x80]], [[0xe6, 0x97]]])(
    'names the offset of %j, in one piece and in chunks',
    async (wrong) => {
      const whole = Buffer.concat([bytes, Buffer.from(wrong), Buffer.from('b')]);
      const message = `a: byte ${bytes.length}: expected UTF-8, found 0x${wrong[0]!.toString(16)}`;
      expect(() => decodeUtf8(whole, 'a')).toThrow(new UserError(message));
      for (const size of [1, 2, 3, 4, 5, 100])
        await expect(streamed(whole, size)).rejects.toThrow(new UserError(message));
    },
  );
});
