import { describe, expect, it } from 'vitest';
import { streamWav } from './wav-stream.ts';
import { parseWav } from './wav.ts';

/** A WAVE file of 16 bits. @param size of its samples, as the header says */
function file(samples: readonly number[], { channels = 1, size = 2 * samples.length, before = 0 } = {}): Buffer {
  const header = Buffer.alloc(44 + before);
  header.write('RIFF', 0);
  header.write('WAVEfmt ', 8);
  for (const [offset, value] of [
    [16, 16],
    [24, 8000],
    [28, 16_000 * channels],
  ] as const)
    header.writeUInt32LE(value, offset);
  for (const [offset, value] of [
    [20, 1],
    [22, channels],
    [32, 2 * channels],
    [34, 16],
  ] as const)
    header.writeUInt16LE(value, offset);
  if (before > 0) {
    header.write('LIST', 36);
    header.writeUInt32LE(before - 8, 40);
  }
  header.write('data', 36 + before);
  header.writeUInt32LE(size, 40 + before);
  return Buffer.concat([header, Buffer.from(Int16Array.from(samples).buffer)]);
}

async function* inParts(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
  for (let first = 0; first < bytes.length; first += length) {
    await Promise.resolve();
    yield bytes.subarray(first, first + length);
  }
}

async function samplesOf(bytes: Uint8Array, length: number): Promise<number[][]> {
  const found: number[][] = [];
  for await (const { sampleRateInHz, channels } of streamWav(inParts(bytes, length), 'standard input')) {
    expect(sampleRateInHz).toBe(8000);
    for (const [channel, samples] of channels.entries()) found[channel] = [...(found[channel] ?? []), ...samples];
  }
  return found;
}

const samples = Array.from({ length: 100 }, (_, time) => 300 * (time - 50));

describe('a WAVE file that arrives in parts', () => {
  it.each([1, 3, 44, 45, 1000])('has the samples of the whole file, by %i bytes', async (length) => {
    for (const given of [{}, { channels: 2 }, { before: 30 }]) {
      const bytes = file(samples, given);
      expect(await samplesOf(bytes, length)).toEqual(parseWav(bytes, 'a.wav').channels.map((each) => [...each]));
    }
  });

  it('goes on to the end where its size is unknown, and ends with its samples where it is known', async () => {
    const [expected] = await samplesOf(file(samples), 7);
    for (const size of [0, 0x7ffff000, 0xffffffff])
      expect(await samplesOf(file(samples, { size }), 7)).toEqual([expected]);
    expect(await samplesOf(Buffer.concat([file(samples), Buffer.from('LIST')]), 7)).toEqual([expected]);
  });

  it('gives samples before more bytes come', async () => {
    let asked = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      yield file(samples, { size: 0xffffffff });
      for (;;) {
        asked++;
        await Promise.resolve();
        yield new Uint8Array(2);
      }
    }
    for await (const { channels } of streamWav(endless(), 'standard input')) {
      expect(channels[0]).toHaveLength(100);
      break;
    }
    expect(asked).toBe(0);
  });

  it.each([
    [
      'no WAVE file',
      Buffer.from('a letter, no sound'),
      'expected a WAVE file (RIFF … WAVE), found a file that begins with "a le"',
    ],
    ['nothing', Buffer.alloc(0), 'found an empty file'],
    ['no samples', file([], { size: 0 }), 'byte 44: expected samples, found none'],
    ['half a header', file(samples).subarray(0, 40), 'expected "data" in the WAVE file, found none'],
    ['half of its samples', file(samples).subarray(0, 100), 'expected 200 bytes of "data", found 56 before the end'],
    ['a long chunk', file(samples, { before: 2 ** 20 }), 'byte 36: expected "data" in the first 1048576 bytes'],
  ])('is refused in one line: %s', async (_, bytes, message) => {
    await expect(samplesOf(bytes, 64)).rejects.toThrow(message);
  });
});
