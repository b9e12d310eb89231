import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeRecognition, describeSpeed, soundOf, transcribeFiles } from './predict-files.ts';
import type { Recognition, Recognizer } from './predict.ts';

const RATE = 8000;

/** A WAVE file of 16 bits in stereo, of which the left channel has these samples and the right channel none. */
function wave(samples: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(44 + 4 * samples.length);
  bytes.write('RIFF', 0);
  bytes.writeUInt32LE(bytes.length - 8, 4);
  bytes.write('WAVEfmt ', 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(2, 22);
  bytes.writeUInt32LE(RATE, 24);
  bytes.writeUInt32LE(4 * RATE, 28);
  bytes.writeUInt16LE(4, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36);
  bytes.writeUInt32LE(4 * samples.length, 40);
  for (const [index, sample] of samples.entries()) bytes.writeInt16LE(Math.round(sample * 32767), 44 + 4 * index);
  return bytes;
}

const recognition: Recognition = { text: 'the sea', score: -2, confidence: 0.913, isComplete: true, seconds: 1 };

/** Hears the number of samples. */
const counting = {
  transcribe: (samples: Float32Array) => Promise.resolve({ ...recognition, text: `${samples.length} samples` }),
} as unknown as Recognizer;

async function* input(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let first = 0; first < bytes.length; first += 1000)
    yield await Promise.resolve(bytes.subarray(first, first + 1000));
}

describe('text of audio files', () => {
  const bytes = wave(Array.from({ length: RATE }, (_, index) => 0.5 * Math.sin(0.2 * index)));
  let folder: string;
  let file: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'motley-las-speech-'));
    file = join(folder, 'a.wav');
    await writeFile(file, bytes);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('comes file by file, resampled and mono, from standard input too', async () => {
    const found: string[] = [];
    for await (const each of transcribeFiles(counting, [file, '-'], input(bytes)))
      found.push(describeRecognition(each.path, each.recognition));
    expect(found).toEqual([`${file}: 16000 samples (91 %)`, 'standard input: 16000 samples (91 %)']);
    const samples = await soundOf(file, input(bytes));
    // The mean of a channel with amplitude 0.5 and an empty one.
    expect(samples.reduce((peak, value) => Math.max(peak, value), 0)).toBeCloseTo(0.25, 2);
  });

  it('is refused where there is none, in one line', async () => {
    const none = transcribeFiles(counting, [], input(bytes));
    await expect(none.next()).rejects.toThrow('predict: expected audio files, or - for standard input, got none');
    await expect(soundOf('-', input(Buffer.from('a letter, no sound')))).rejects.toThrow('standard input: expected');
    await expect(soundOf('-', input(new Uint8Array(0)))).rejects.toThrow('standard input: expected');
    await expect(soundOf(join(folder, 'b.wav'), input(bytes))).rejects.toThrow('b.wav: expected');
  });

  it('is one line for a file', () => {
    expect(describeRecognition('a.wav', recognition)).toBe('a.wav: the sea (91 %)');
    expect(describeRecognition('a.wav', { ...recognition, isComplete: false })).toBe(
      'a.wav: the sea (91 %, a part never came to its end)',
    );
    expect(describeRecognition('-', { ...recognition, text: '' })).toBe('standard input: (no speech)');
    const files = [3, 0.1, 0.2].map((tookInSeconds) => ({
      recognition: { ...recognition, seconds: 2 },
      tookInSeconds,
    }));
    expect(describeSpeed(files)).toBe('6.0 s of sound in 3.30 s, median real-time factor 0.100');
  });
});
