import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '@motley/run';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openCorpus } from '../corpus/corpus.ts';
import { cacheRecordings } from './cache-recordings.ts';
import type { Part, Recording } from './recording.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motley-recorded-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** A WAVE file of 16 bits, mono. */
async function wave(name: string, samples: readonly number[], part: Part, rate = 16_000): Promise<Recording> {
  const header = Buffer.alloc(44);
  header.write('RIFF....WAVEfmt ');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(2 * samples.length, 40);
  const file = join(folder, `${name}.wav`);
  await writeFile(file, Buffer.concat([header, Buffer.from(Int16Array.from(samples).buffer)]));
  return { id: name, text: name, speaker: 'one', file, part };
}

it('decodes recordings once, into a corpus that keeps every sample', async () => {
  const recordings = [
    await wave('a', [1, -2, 32_767, -32_768], 'training'),
    await wave('b', new Array<number>(100).fill(0), 'test', 8000),
    await wave('c', [5], 'training'),
  ];
  const lines: string[] = [];
  const options = { cache: join(folder, 'cache'), report: (line: string) => lines.push(line) };
  const description = await cacheRecordings({ name: 'made', recordings }, options);
  const corpus = openCorpus(description);
  expect(corpus.length).toBe(3);
  expect([...corpus.indicesOf('training'), ...corpus.indicesOf('test')]).toEqual([0, 2, 1]);
  expect(corpus.utterance(0)).toEqual({ id: 'a', text: 'a', speaker: 'one', set: 'training', length: 4 });
  expect(corpus.samples(0)).toEqual(Float32Array.of(1, -2, 32_767, -32_768).map((value) => value / 2 ** 15));
  expect(corpus.samples(1)).toEqual(new Float32Array(200));
  expect(corpus.samples(2)).toEqual(Float32Array.of(5 / 2 ** 15));
  expect(lines).toEqual([`made: decoding 3 recordings, about 1 minutes, 1 MB into ${description.folder}`]);
  expect(await cacheRecordings({ name: 'made', recordings }, options)).toEqual(description);
  expect(lines.length).toBe(1);
  await wave('c', [5, 6], 'training');
  const other = await cacheRecordings({ name: 'made', recordings }, options);
  expect(other).not.toEqual(description);
  expect((await readdir(other.folder)).sort()).toEqual(['corpus.json', 'samples-000.json', 'samples-000.pcm']);
});

it('names a damaged file and a missing one, and leaves no corpus', async () => {
  const good = await wave('a', [1], 'training');
  const damaged = { ...good, id: 'b', file: join(folder, 'b.wav') };
  const options = { cache: join(folder, 'cache'), report: () => undefined };
  const run = () => cacheRecordings({ name: 'made', recordings: [good, damaged] }, options);
  await expect(run()).rejects.toThrow(`${damaged.file}: expected an audio file, found: no such file or folder`);
  await writeFile(damaged.file, 'RIFF');
  await expect(run()).rejects.toThrow(`${damaged.file}: expected a WAVE file`);
  await expect(run()).rejects.toThrow(`${damaged.file}: expected a WAVE file`);
  await expect(cacheRecordings({ name: 'made', recordings: [] }, options)).rejects.toThrow(
    new UserError('made: expected recordings, found none'),
  );
});
