import { UserError } from '@motley/run';
import { describe, expect, it } from 'vitest';
import { checksum } from './ogg.ts';
import reference from './reference.json' with { type: 'json' };
import { decodeVorbis } from './vorbis.ts';

const MAX = 1e6;
const mono = Buffer.from(reference.vorbis.mono.file, 'base64');
const stereo = Buffer.from(reference.vorbis.stereo.file, 'base64');

/** Offsets of the pages, and the end. */
function pageOffsets(bytes: Buffer): number[] {
  const offsets = [0];
  for (let at = bytes.indexOf('OggS', 1); at >= 0; at = bytes.indexOf('OggS', at + 1)) offsets.push(at);
  return [...offsets, bytes.length];
}

/** Changes a page, and makes its checksum right. */
function changed(bytes: Buffer, page: number, change: (page: Buffer) => void): Buffer {
  const copy = Buffer.from(bytes);
  const offsets = pageOffsets(copy);
  const changing = copy.subarray(offsets.at(page), offsets.at(page + 1) ?? copy.length);
  change(changing);
  changing.writeUInt32LE(checksum(changing), 22);
  return copy;
}
const last = pageOffsets(mono).length - 2;
const decode = (bytes: Uint8Array) => decodeVorbis(bytes, 'a.ogg', MAX);

describe('decodeVorbis', () => {
  it.each([
    ['mono', mono, reference.vorbis.mono],
    ['stereo', stereo, reference.vorbis.stereo],
  ] as const)("gives libvorbis's samples: %s", async (_, bytes, { rate, length, everyTenth }) => {
    const { sampleRateInHz, channels } = await decode(bytes);
    expect(sampleRateInHz).toBe(rate);
    expect(channels.map((samples) => samples.length)).toEqual(everyTenth.map(() => length));
    for (const [channel, expected] of everyTenth.entries())
      for (const [index, value] of expected.entries())
        expect(Math.abs(channels[channel]![10 * index]! - value)).toBeLessThan(2e-6);
  });

  it('drops what lies beyond the length of the last page', async () => {
    const shorter = changed(mono, last, (page) => page.writeBigInt64LE(2000n, 6));
    expect((await decode(shorter)).channels[0]!.length).toBe(2000);
  });

  it.each([
    ['longer in seconds', () => decodeVorbis(mono, 'a.ogg', MAX, 0.1), 'at most 0.1 seconds of audio, found 0.1'],
    ['longer in samples', () => decodeVorbis(stereo, 'a.ogg', 4000), 'at most 4000 samples, found'],
  ])('refuses a file that is %s before it decodes', async (_, read, message) => {
    await expect(read()).rejects.toThrow(`a.ogg: expected ${message}`);
  });

  describe('a file of several groups of pages', () => {
    /** The same headers, and the page of samples several times. */
    function repeated(times: number, granuleOfLast: number): Buffer {
      const headers = mono.subarray(0, pageOffsets(mono)[last]);
      const pages = Array.from({ length: times }, (_, index) =>
        changed(mono.subarray(headers.length), 0, (page) => {
          page.writeUInt8(index === times - 1 ? 4 : 0, 5);
          page.writeBigInt64LE(BigInt(granuleOfLast), 6);
          page.writeUInt32LE(last + index, 18);
        }),
      );
      return Buffer.concat([headers, ...pages]);
    }

    it('is decoded whole', async () => {
      const [samples] = (await decode(repeated(60, 1e6))).channels;
      const once = (await decode(changed(mono, last, (page) => page.writeBigInt64LE(1_000_000n, 6)))).channels[0]!;
      expect(samples!.length).toBeGreaterThan(59 * once.length);
      expect(samples!.subarray(0, once.length)).toEqual(once);
    });

    it('is refused where it has more samples than the limit, whatever its last page says', async () => {
      const { length } = reference.vorbis.mono;
      await expect(decodeVorbis(repeated(60, 10), 'a.ogg', 20 * length)).rejects.toThrow(
        new UserError(`a.ogg: expected at most ${20 * length} samples, found more`),
      );
    });
  });

  const offsets = pageOffsets(mono);
  const body = 27 + mono[26]!;
  it.each([
    [
      'cut',
      mono.subarray(0, -1),
      `byte ${offsets[last]!}: expected ${mono.length - offsets[last]!} bytes of an Ogg page, found ${mono.length - offsets[last]! - 1} before the end of the file`,
    ],
    [
      'cut between pages',
      mono.subarray(0, offsets[last]),
      `byte ${offsets[last]!}: expected the last page of the Ogg stream, found the end of the file`,
    ],
    [
      'damaged',
      Buffer.concat([mono.subarray(0, -1), Buffer.of(mono.at(-1)! ^ 1)]),
      `byte ${offsets[last]!}: expected an undamaged Ogg page, found a wrong checksum`,
    ],
    [
      'followed by something',
      Buffer.concat([mono, Buffer.from('TAG of a song')]),
      `byte ${mono.length}: expected an Ogg page (OggS, version 0), found data that begins with "TAG "`,
    ],
    [
      'two songs in a row',
      Buffer.concat([mono, mono]),
      `byte ${mono.length}: expected one stream in the Ogg file, found the begin of another`,
    ],
    [
      'two streams beside each other',
      changed(mono, 1, (page) => page.writeUInt32LE(7, 14)),
      `byte ${offsets[1]!}: expected one stream in the Ogg file, found a page of another`,
    ],
    [
      'without a page',
      Buffer.concat([mono.subarray(0, offsets[1]), mono.subarray(offsets[2])]),
      `byte ${offsets[1]!}: expected Ogg page 1, found page 2`,
    ],
    [
      'of another codec',
      changed(mono, 0, (page) => page.write('OpusHead', body)),
      'expected Vorbis in the Ogg file, found a stream that begins with "Opus"',
    ],
    [
      'of no channel',
      changed(mono, 0, (page) => page.writeUInt8(0, body + 11)),
      'expected 1 to 8 channels and a sample rate, found 0 channels at 22050 Hz',
    ],
    [
      'of 255 channels',
      changed(mono, 0, (page) => page.writeUInt8(255, body + 11)),
      'expected 1 to 8 channels and a sample rate, found 255 channels at 22050 Hz',
    ],
    ['without samples', changed(mono, last, (page) => page.writeBigInt64LE(0n, 6)), 'expected samples, found none'],
  ])('refuses a file that is %s', async (_, bytes, message) => {
    await expect(decode(bytes)).rejects.toThrow(new UserError(`a.ogg: ${message}`));
  });

  it('refuses damage that checksums do not show', async () => {
    const noSetup = changed(mono, 1, (page) => page.fill(0xff, 27 + page[26]! + 100));
    await expect(decode(noSetup)).rejects.toThrow(/^a\.ogg: expected undamaged Vorbis, found an error \(.+\) after 0/);
  });
});
