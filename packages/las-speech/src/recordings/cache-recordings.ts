import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { open, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '@motley/run';
import { makeFolder, reasonOf, writeFileAtomically } from '@motley/run/node';
import { type CacheOptions, littleEndian, lockPatiently, readShard, reportLine, speechCache } from '../corpus/cache.ts';
import { INDEX_FILE, shardFile, type CorpusDescription } from '../corpus/corpus.ts';
import { SAMPLE_RATE_IN_HZ } from '../sample-rate.ts';
import { loadRecording, type Recording, type RecordingCollection } from './recording.ts';

/** Changes where the same recordings give other samples. */
const FORMAT = 1;
/** Recordings of one file of samples. */
const SHARD_LENGTH = 2000;
const LOUDEST = 2 ** 15;
/** Letters that are said in a second, for sizes in advance. Measured on Czech, Dutch and English dialogs. */
const LETTERS_PER_SECOND = 12;
const REPORT_EVERY_MS = 5000;

/**
 * Decodes recordings into a corpus on disk, 16 kHz and 16 bits, or finds it there; `openCorpus` reads it. A killed call
 * leaves files of 2,000 recordings each, with which the next call goes on. Recordings whose files have changed are
 * decoded anew.
 * @throws UserError naming a damaged or missing file; StorageError for a full disk
 */
export async function cacheRecordings(
  { name, recordings }: Pick<RecordingCollection, 'name' | 'recordings'>,
  { cache = speechCache(), report = reportLine, signal }: CacheOptions = {},
): Promise<CorpusDescription> {
  if (recordings.length === 0) throw new UserError(`${name}: expected recordings, found none`);
  const folder = join(cache, await digestOf(recordings));
  const index = join(folder, INDEX_FILE);
  if (existsSync(index)) return { folder };
  await makeFolder(folder);
  const lock = await lockPatiently(folder, report);
  try {
    if (!existsSync(index)) await fill(folder, name, recordings, { report, signal });
  } finally {
    await lock.release();
  }
  return { folder };
}

async function digestOf(recordings: readonly Recording[]): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([FORMAT, SHARD_LENGTH]));
  for (const recording of recordings) {
    const { size, mtimeMs } = await stat(recording.file).catch((error: unknown) => {
      throw new UserError(`${recording.file}: expected an audio file, found: ${reasonOf(error)}`, { cause: error });
    });
    hash.update(JSON.stringify([recording, size, mtimeMs]));
  }
  return hash.digest('hex').slice(0, 16);
}

async function fill(
  folder: string,
  name: string,
  recordings: readonly Recording[],
  { report, signal }: Pick<CacheOptions, 'signal'> & Required<Pick<CacheOptions, 'report'>>,
): Promise<void> {
  const seconds = recordings.reduce((sum, { text }) => sum + text.length, 0) / LETTERS_PER_SECOND;
  report(
    `${name}: decoding ${recordings.length.toLocaleString('en')} recordings, about ${Math.ceil(seconds / 60)} minutes, ${Math.ceil((2 * SAMPLE_RATE_IN_HZ * seconds) / 1e6)} MB into ${folder}`,
  );
  const lengths: number[] = [];
  let reportedAt = performance.now();
  for (let first = 0; first < recordings.length; first += SHARD_LENGTH) {
    const part = recordings.slice(first, first + SHARD_LENGTH);
    const shard = first / SHARD_LENGTH;
    const known = (await readShard(folder, shard, part.length)) ?? (await decodeShard(folder, shard, part, onDecoded));
    for (const length of known) lengths.push(length);
  }
  function onDecoded(place: number): void {
    signal?.throwIfAborted();
    if (performance.now() - reportedAt < REPORT_EVERY_MS) return;
    reportedAt = performance.now();
    report(`${name}: decoded ${lengths.length + place} of ${recordings.length} recordings`);
  }
  const utterances = recordings.map((each, place) => {
    const { id, text, speaker, part } = each;
    return { id, text, speaker, set: part, length: lengths[place]! };
  });
  const index = { sampleRateInHz: SAMPLE_RATE_IN_HZ, shardLength: SHARD_LENGTH, synthesizers: [], utterances };
  await writeFileAtomically(join(folder, INDEX_FILE), JSON.stringify(index));
}

/** Decodes one recording at a time, so that memory holds no more than that. @returns numbers of samples */
async function decodeShard(
  folder: string,
  shard: number,
  recordings: readonly Recording[],
  onDecoded: (count: number) => void,
): Promise<readonly number[]> {
  const path = join(folder, shardFile(shard, 'pcm'));
  const lengths: number[] = [];
  const file = await open(`${path}.tmp`, 'w');
  try {
    for (const recording of recordings) {
      const samples = await loadRecording(recording);
      await file.writeFile(littleEndian(to16Bits(samples)));
      lengths.push(samples.length);
      onDecoded(lengths.length);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.tmp`, path);
  await writeFileAtomically(join(folder, shardFile(shard, 'json')), JSON.stringify(lengths));
  return lengths;
}

function to16Bits(samples: Float32Array): Int16Array {
  const output = new Int16Array(samples.length);
  for (let time = 0; time < output.length; time++)
    output[time] = Math.max(-LOUDEST, Math.min(LOUDEST - 1, Math.round(samples[time]! * LOUDEST)));
  return output;
}
