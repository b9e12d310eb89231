import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '@motley/run';
import libFlacVariant from 'libflacjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadAudio, parseAudio } from './audio.ts';
import { decodeFlac } from './flac.ts';
import reference from './reference.json' with { type: 'json' };
import { parseWav } from './wav.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motley-audio-'));
  path = join(folder, 'a.wav');
});
afterEach(() => rm(folder, { recursive: true }));

const chunk = (name: string, body: Buffer, size = body.length) => {
  const header = Buffer.alloc(8);
  header.write(name);
  header.writeUInt32LE(size, 4);
  return Buffer.concat([header, body, Buffer.alloc(body.length % 2)]);
};
const riff = (...chunks: Buffer[]) => Buffer.concat([chunk('RIFF', Buffer.concat([Buffer.from('WAVE'), ...chunks]))]);
function format(code: number, channels: number, bits: number, rate = 8000): Buffer {
  const body = Buffer.alloc(16);
  body.writeUInt16LE(code, 0);
  body.writeUInt16LE(channels, 2);
  body.writeUInt32LE(rate, 4);
  body.writeUInt32LE((rate * channels * bits) / 8, 8);
  body.writeUInt16LE((channels * bits) / 8, 12);
  body.writeUInt16LE(bits, 14);
  return body;
}
const of = (
  type: { BYTES_PER_ELEMENT: number; from(values: number[]): { buffer: ArrayBufferLike } },
  ...values: number[]
) => Buffer.from(type.from(values).buffer);
const wav = (code: number, channels: number, bits: number, data: Buffer) =>
  riff(chunk('fmt ', format(code, channels, bits)), chunk('data', data));

describe('parseWav', () => {
  it.each([
    ['8 bits', 1, 8, Buffer.of(0, 128, 255), [-1, 0, 127 / 128]],
    ['16 bits', 1, 16, of(Int16Array, -32768, 0, 32767), [-1, 0, 32767 / 32768]],
    ['24 bits', 1, 24, Buffer.of(0, 0, 0x80, 0, 0, 0, 0xff, 0xff, 0x7f), [-1, 0, 1 - 2 ** -23]],
    ['32 bits', 1, 32, of(Int32Array, -(2 ** 31), 0, 2 ** 30), [-1, 0, 0.5]],
    ['float', 3, 32, of(Float32Array, -1.5, 0, 0.25), [-1.5, 0, 0.25]],
    ['double', 3, 64, of(Float64Array, -1, 0, 0.125), [-1, 0, 0.125]],
  ] as const)('reads %s', (_, code, bits, data, expected) => {
    const { sampleRateInHz, channels } = parseWav(wav(code, 1, bits, data), 'a.wav');
    expect(sampleRateInHz).toBe(8000);
    expect(channels).toEqual([Float32Array.from(expected)]);
  });

  it('reads stereo, the extensible format, chunks of odd length, and files of unknown size', () => {
    const data = of(Int16Array, 16384, -16384, 8192, 0);
    const expected = [Float32Array.of(0.5, 0.25), Float32Array.of(-0.5, 0)];
    const extension = Buffer.alloc(24);
    extension.writeUInt16LE(22);
    extension.writeUInt16LE(1, 8);
    const extensible = Buffer.concat([format(0xfffe, 2, 16), extension]);
    const files = [
      wav(1, 2, 16, data),
      riff(chunk('fmt ', extensible), chunk('LIST', Buffer.from('odd')), chunk('data', data)),
      ...[0, 0x7ffff000, 0xffffffff].map((size) => riff(chunk('fmt ', format(1, 2, 16)), chunk('data', data, size))),
    ];
    for (const bytes of files) expect(parseWav(bytes, 'a.wav').channels).toEqual(expected);
    const list = chunk('LIST', Buffer.from('odd'));
    const afterEmpty = riff(chunk('fmt ', format(1, 2, 16)), chunk('data', Buffer.alloc(0)), list, chunk('data', data));
    expect(parseWav(afterEmpty, 'a.wav').channels).toEqual(expected);
    const within = Buffer.concat([Buffer.of(1, 2, 3), files[0]!]).subarray(3);
    expect(parseWav(within, 'a.wav').channels).toEqual(expected);
  });

  const data = of(Int16Array, 1, 2, 3, 4);
  it.each([
    ['empty', Buffer.alloc(0), 'expected a WAVE file (RIFF … WAVE), found an empty file'],
    [
      'of another type',
      Buffer.from('ID3\x04 an MP3 file'),
      'expected a WAVE file (RIFF … WAVE), found a file that begins with "ID3?"',
    ],
    [
      'truncated',
      wav(1, 1, 16, data).subarray(0, -2),
      'byte 36: expected 8 bytes of "data", found 6 before the end of the file',
    ],
    ['a header alone', riff(chunk('fmt ', format(1, 1, 16))), 'expected "data" in the WAVE file, found none'],
    ['without a format', riff(chunk('data', data)), 'byte 12: expected "fmt " before "data", found none'],
    [
      'given a format chunk that is too short',
      riff(chunk('fmt ', Buffer.alloc(8)), chunk('data', data)),
      'byte 20: expected a format of at least 16 bytes, found 8',
    ],
    [
      'compressed',
      wav(85, 1, 0, data),
      'byte 20: expected PCM of 8, 16, 24 or 32 bits or float of 32 or 64, found format 85 of 0 bits',
    ],
    [
      'without channels',
      wav(1, 0, 16, data),
      'byte 20: expected channels and a sample rate, found 0 channels at 8000 Hz',
    ],
    ['without samples', wav(1, 1, 16, Buffer.alloc(0)), 'byte 44: expected samples, found none'],
    [
      'without samples, but with a comment after them',
      riff(chunk('fmt ', format(1, 1, 16)), chunk('data', Buffer.alloc(0)), chunk('LIST', Buffer.from('words'))),
      'byte 44: expected samples, found none',
    ],
    ['NaN', wav(3, 2, 32, of(Float32Array, 0, 0, 0, NaN)), 'byte 56 (sample 1): expected a finite number, found NaN'],
  ])('refuses a file that is %s', (_, bytes, message) => {
    expect(() => parseWav(bytes, 'a.wav')).toThrow(new UserError(`a.wav: ${message}`));
  });
});

const library = libFlacVariant('min');
if (!library.isReady())
  await new Promise((resolve) => {
    library.on('ready', resolve);
  });

/** Encodes with libFLAC. */
function flac(channels: readonly (readonly number[])[], rate: number, bits: number): Buffer {
  const length = channels[0]!.length;
  const encoder = library.create_libflac_encoder(rate, channels.length, bits, 5, length, true, 0);
  const parts: Uint8Array[] = [];
  let described = { sum: '', begin: 0 };
  library.init_encoder_stream(
    encoder,
    (bytes) => void parts.push(bytes.slice()),
    (metadata) => (described = { sum: metadata?.md5sum ?? '', begin: 26 }),
  );
  const interleaved = Int32Array.from(
    { length: length * channels.length },
    (_, index) => channels[index % channels.length]![Math.floor(index / channels.length)]!,
  );
  library.FLAC__stream_encoder_process_interleaved(encoder, interleaved, length);
  library.FLAC__stream_encoder_finish(encoder);
  library.FLAC__stream_encoder_delete(encoder);
  const bytes = Buffer.concat(parts);
  // A stream cannot go back to write the checksum, which is known only at the end.
  bytes.write(described.sum, described.begin, 'hex');
  return bytes;
}

const tone = (length: number, amplitude: number, period: number) =>
  Array.from({ length }, (_, index) => Math.round(amplitude * Math.sin((2 * Math.PI * index) / period)) + 0);
const MAX = 1e6;

describe('decodeFlac', () => {
  it.each([
    [8, 1],
    [16, 2],
    [24, 2],
  ])('decodes every sample: %d bits, %d channels', async (bits, channelCount) => {
    const scale = 2 ** (bits - 1);
    const channels = Array.from({ length: channelCount }, (_, index) => tone(10_000, scale - 1, 50 + 13 * index));
    const audio = await decodeFlac(flac(channels, 16_000, bits), 'a.flac', MAX);
    expect(audio.sampleRateInHz).toBe(16_000);
    expect(audio.channels).toEqual(channels.map((samples) => Float32Array.from(samples, (value) => value / scale)));
  });

  it.each([12, 20])('refuses %d bits', async (bits) => {
    await expect(decodeFlac(flac([tone(100, 1000, 50)], 16_000, bits), 'a.flac', MAX)).rejects.toThrow(
      new UserError(`a.flac: expected FLAC samples of 8, 16 or 24 bits, found ${bits}`),
    );
  });

  it('refuses damaged files', async () => {
    const good = flac([tone(10_000, 30_000, 77)], 16_000, 16);
    await expect(decodeFlac(good.subarray(0, good.length - 500), 'a.flac', MAX)).rejects.toThrow(
      new UserError('a.flac: expected 10000 samples, found 8192 before the end of the file'),
    );
    const damaged = Buffer.from(good);
    damaged[good.length >> 1]! ^= 0xff;
    await expect(decodeFlac(damaged, 'a.flac', MAX)).rejects.toThrow(
      /^a\.flac: expected undamaged FLAC, found an error \(\w+\) after \d+ samples$/,
    );
    const otherSum = Buffer.from(good);
    otherSum[30]! ^= 0xff;
    await expect(decodeFlac(otherSum, 'a.flac', MAX)).rejects.toThrow(
      new UserError('a.flac: expected undamaged FLAC, found a wrong MD5 sum after 10000 samples'),
    );
    const announced = Buffer.from(good);
    announced[20]! |= 2;
    await expect(decodeFlac(announced, 'a.flac', MAX)).rejects.toThrow(
      /^a\.flac: expected undamaged FLAC, found a frame of 1 channels, not 2, after \d+ samples$/,
    );
    await expect(decodeFlac(good, 'a.flac', 9999)).rejects.toThrow(
      new UserError('a.flac: expected at most 9999 samples, found 10000 in 1 channels'),
    );
    for (const bytes of [good.subarray(0, 41), Buffer.from('fLaC\x01 and then no description of the stream at all')])
      await expect(decodeFlac(bytes, 'a.flac', MAX)).rejects.toThrow(
        new UserError('a.flac: expected a FLAC file (fLaC, STREAMINFO), found a file that begins with "fLaC"'),
      );
    await expect(decodeFlac(good.subarray(0, 42), 'a.flac', MAX)).rejects.toThrow(
      new UserError('a.flac: expected 10000 samples, found 0 before the end of the file'),
    );
  });
});

describe('loadAudio', () => {
  it('detects the format, mixes channels and resamples', async () => {
    await writeFile(
      path,
      wav(1, 2, 16, of(Int16Array, ...Array.from({ length: 4000 }, (_, index) => (index % 2 === 0 ? 16384 : 0)))),
    );
    const audio = await loadAudio(path, { mono: true, sampleRateInHz: 16_000 });
    expect([audio.sampleRateInHz, audio.channels.length, audio.channels[0]!.length]).toEqual([16_000, 1, 4000]);
    expect(audio.channels[0]![2000]).toBeCloseTo(0.25, 6);
    await writeFile(path, flac([tone(100, 100, 10)], 8000, 16));
    expect((await loadAudio(path)).channels[0]!.length).toBe(100);
  });

  it('decodes bytes, by their first ones or by the name', async () => {
    const ogg = Buffer.from(reference.vorbis.stereo.file, 'base64');
    const audio = await parseAudio(ogg, '-', { mono: true, sampleRateInHz: 16_000 });
    expect([audio.sampleRateInHz, audio.channels.length]).toEqual([16_000, 1]);
    expect(audio.channels[0]!.length).toBe(Math.ceil((reference.vorbis.stereo.length * 16_000) / 44_100));
    expect((await parseAudio(ogg, 'a.G722')).channels[0]!.length).toBe(2 * ogg.length);
    const silence = await parseAudio(wav(1, 1, 24, Buffer.alloc(3000)), '-', { sampleRateInHz: 16_000 });
    expect(silence.channels).toEqual([new Float32Array(2000)]);
    await expect(parseAudio(ogg, '-', { maxBytes: 99 })).rejects.toThrow(
      new UserError(`-: expected a WAVE, FLAC, OGG or G.722 file of at most 99 bytes, found ${ogg.length}`),
    );
  });

  it('refuses audio that is longer than a limit in seconds', async () => {
    const announced = flac([tone(8000, 100, 10)], 8000, 16);
    const unknown = Buffer.from(announced);
    // Clears the number of samples in STREAMINFO.
    unknown[21]! &= 0xf0;
    unknown.fill(0, 22, 26);
    const files: [bytes: Buffer, message: string][] = [
      [wav(1, 1, 8, Buffer.alloc(8000)), 'seconds of audio, found 1.0'],
      [announced, 'seconds of audio, found 1.0'],
      [unknown, 'undamaged FLAC, found more than 7200 samples'],
    ];
    for (const [bytes, message] of files) {
      expect((await parseAudio(bytes, '-', { maxSeconds: 1 })).channels[0]!.length).toBe(8000);
      await expect(parseAudio(bytes, '-', { maxSeconds: 0.9 })).rejects.toThrow(message);
    }
  });

  it.each([1, 4_294_967_291])('refuses to resample from %i Hz, which takes gigabytes', async (rate) => {
    const bytes = wav(1, 1, 16, of(Int16Array, ...new Array<number>(4000).fill(1)));
    bytes.writeUInt32LE(rate, 24);
    await writeFile(path, bytes);
    expect((await loadAudio(path)).sampleRateInHz).toBe(rate);
    await expect(loadAudio(path, { sampleRateInHz: 16_000 })).rejects.toThrow(
      `${path}: expected audio to resample from ${rate} Hz in proportion to the file: at most 67108864 bytes`,
    );
  });

  it('refuses other formats', async () => {
    await writeFile(path, 'ID3\x04 an MP3 file');
    await expect(loadAudio(path)).rejects.toThrow(
      new UserError(
        `${path}: expected a WAVE (RIFF), FLAC (fLaC) or OGG (OggS) file, found a file that begins with "ID3?"`,
      ),
    );
    await writeFile(path, 'OggS and so on');
    await expect(loadAudio(path)).rejects.toThrow(
      new UserError(`${path}: byte 0: expected an Ogg page (OggS, version 0), found data that begins with "OggS"`),
    );
    await writeFile(path, '');
    await expect(loadAudio(path)).rejects.toThrow('found an empty file');
    await writeFile(path, Buffer.alloc(100));
    await expect(loadAudio(path, { maxBytes: 99 })).rejects.toThrow(
      new UserError(`${path}: expected a WAVE, FLAC, OGG or G.722 file of at most 99 bytes, found 100`),
    );
  });
});
