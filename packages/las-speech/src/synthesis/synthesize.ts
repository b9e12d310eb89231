import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { resample } from '@motley/core/audio';
import { largest, shown, UserError } from '@motley/run';
import { makeFolder, writeFileAtomically } from '@motley/run/node';
import { Alphabet, type Language } from '../alphabet.ts';
import {
  type CacheOptions,
  hasSamples,
  littleEndian,
  lockPatiently,
  readShard,
  reportLine,
  speechCache,
} from '../corpus/cache.ts';
import { BYTES_PER_SAMPLE, INDEX_FILE, readIndex, shardFile, type CorpusDescription } from '../corpus/corpus.ts';
import { SAMPLE_RATE_IN_HZ } from '../sample-rate.ts';
import type { PlannedUtterance } from './plan.ts';
import type { Speech, Synthesizer } from './synthesizer.ts';
import { trimmed } from './trim.ts';

/** Changes where the same plan gives other samples, so that older caches are not used. */
const FORMAT = 2;
/** Utterances of one file of samples. They are in memory at once: 130 MB. */
const SHARD_LENGTH = 2000;
/** Half of the usual filter, for half of the time: frequencies vanish from 8.7 kHz on, rather than from 8 kHz on. */
const CROSSINGS = 16;
const REPORT_EVERY_MS = 5000;
/** Characters that are spoken in a minute, for each word per minute. Measured. */
const CHARACTERS_PER_WORD = 6;

export interface SynthesisOptions extends CacheOptions {
  /** Language whose letters the texts have. Default English. */
  readonly language?: Language;
  /** Utterances of one file of samples. Default 2,000. */
  readonly shardLength?: number;
}

/**
 * Synthesizes utterances into the cache, or finds them there. The samples have 16 kHz and 16 bits, and 60 ms of silence
 * at both ends. Half a corpus is never used: a killed call leaves files of 2,000 utterances each, with which the next call
 * goes on; while another process makes the same corpus, this one waits.
 * @throws UserError for a text with letters that the language lacks, or one that a voice does not say; StorageError for a
 *   full disk; the signal's reason when it aborts
 */
export async function synthesize(
  planned: readonly PlannedUtterance[],
  synthesizers: readonly Synthesizer[],
  options: SynthesisOptions = {},
): Promise<CorpusDescription> {
  const { language = 'english', shardLength = SHARD_LENGTH, signal } = options;
  const { cache = speechCache(), report = reportLine } = options;
  if (planned.length === 0) throw new UserError('synthesis: expected texts, found none');
  const alphabet = Alphabet.of(language);
  for (const { text, id } of planned) {
    alphabet.ids(text, id);
    if (!/\p{L}/u.test(text)) throw new UserError(`${id}: expected words, found ${shown(text)}`);
  }
  const versions = synthesizers.map(({ name, version }) => `${name} ${version}`);
  const job: Job = { planned, synthesizers, versions, shardLength, report, signal };
  const folder = join(cache, digestOf(job));
  if (await isFinished(folder, job)) return { folder };
  await makeFolder(folder);
  const lock = await lockPatiently(folder, report);
  try {
    if (!(await isFinished(folder, job))) await fill(folder, job);
  } finally {
    await lock.release();
  }
  return { folder };
}

interface Job {
  readonly planned: readonly PlannedUtterance[];
  readonly synthesizers: readonly Synthesizer[];
  readonly versions: readonly string[];
  readonly shardLength: number;
  readonly report: (line: string) => void;
  readonly signal: AbortSignal | undefined;
}

function digestOf({ planned, versions, shardLength }: Job): string {
  const content = JSON.stringify([FORMAT, shardLength, versions, planned]);
  return createHash('sha256').update(content).digest('hex').slice(0, 16);
}

/** Whether the folder has an index, and every file of samples has the size that it says. */
async function isFinished(folder: string, { planned, shardLength }: Job): Promise<boolean> {
  if (!existsSync(join(folder, INDEX_FILE))) return false;
  let lengths: readonly number[];
  try {
    lengths = readIndex(folder).utterances.map(({ length }) => length);
  } catch (error) {
    if (error instanceof UserError) return false;
    throw error;
  }
  if (lengths.length !== planned.length) return false;
  for (let shard = 0; shard * shardLength < lengths.length; shard++)
    if (!(await hasSamples(folder, shard, lengths.slice(shard * shardLength, (shard + 1) * shardLength)))) return false;
  return true;
}

async function fill(
  folder: string,
  { planned, synthesizers, versions, shardLength, report, signal }: Job,
): Promise<void> {
  for (const name of await readdir(folder)) if (name.endsWith('.tmp')) await rm(join(folder, name), { force: true });
  const shardCount = Math.ceil(planned.length / shardLength);
  const lengths: (readonly number[] | undefined)[] = [];
  for (let shard = 0; shard < shardCount; shard++)
    lengths.push(await readShard(folder, shard, Math.min(shardLength, planned.length - shard * shardLength)));
  const waiting = lengths.flatMap((known, shard) =>
    known === undefined ? planned.slice(shard * shardLength, (shard + 1) * shardLength) : [],
  );
  const spoken = planned.length - waiting.length;
  report(
    `synthesizing ${waiting.length.toLocaleString('en')} utterances${spoken === 0 ? '' : ` (${spoken.toLocaleString('en')} are there)`} by ${versions.join(' and ')}, ${sizeOf(waiting)} into ${folder}`,
  );
  const progress = progressLines(waiting.length, report);
  const byName = new Map(synthesizers.map((each) => [each.name, each]));
  for (const [shard, known] of lengths.entries()) {
    if (known !== undefined) continue;
    const part = planned.slice(shard * shardLength, (shard + 1) * shardLength);
    const samples = await speakAll(part, byName, progress, signal);
    const bytes = samples.map((each) => littleEndian(each));
    await writeFileAtomically(join(folder, shardFile(shard, 'pcm')), bytes);
    lengths[shard] = samples.map(({ length }) => length);
    await writeFileAtomically(join(folder, shardFile(shard, 'json')), JSON.stringify(lengths[shard]));
  }
  const all = lengths.flatMap((known) => known ?? []);
  const utterances = planned.map((each, index) => ({ ...each, length: all[index]! }));
  const index = { sampleRateInHz: SAMPLE_RATE_IN_HZ, shardLength, synthesizers: versions, utterances };
  await writeFileAtomically(join(folder, INDEX_FILE), JSON.stringify(index));
}

/** Speaks utterances, several at once. @throws the first error, after the others have ended */
async function speakAll(
  planned: readonly PlannedUtterance[],
  synthesizers: ReadonlyMap<string, Synthesizer>,
  onSpoken: (count: number) => void,
  signal: AbortSignal | undefined,
): Promise<Int16Array[]> {
  const output: Int16Array[] = [];
  const calls = callsOf(planned, synthesizers);
  const errors: unknown[] = [];
  const lane = async (): Promise<void> => {
    for (let call = calls.pop(); call !== undefined && errors.length === 0; call = calls.pop()) {
      try {
        signal?.throwIfAborted();
        const speeches = await call.synthesizer.speak(call.indices.map((index) => planned[index]!));
        for (const [position, index] of call.indices.entries())
          output[index] = finished(speeches[position]!, planned[index]!);
        onSpoken(call.indices.length);
      } catch (error) {
        errors.push(error);
      }
    }
  };
  const lanes = largest(calls.map(({ synthesizer }) => synthesizer.lanes));
  await Promise.all(Array.from({ length: lanes }, lane));
  if (errors.length > 0) throw errors[0];
  return output;
}

interface Call {
  readonly synthesizer: Synthesizer;
  readonly indices: readonly number[];
}

/** Groups utterances by voice, into calls of as many lines as the synthesizer likes. */
function callsOf(planned: readonly PlannedUtterance[], synthesizers: ReadonlyMap<string, Synthesizer>): Call[] {
  const groups = new Map<string, number[]>();
  for (const [index, { synthesizer, delivery }] of planned.entries()) {
    const key = `${synthesizer} ${delivery.voice}`;
    groups.set(key, [...(groups.get(key) ?? []), index]);
  }
  return [...groups.values()].flatMap((indices) => {
    const { synthesizer: name, id } = planned[indices[0]!]!;
    const synthesizer = synthesizers.get(name);
    if (synthesizer === undefined) throw new UserError(`${id}: expected the synthesizer ${name}, found none`);
    const size = synthesizer.linesPerCall;
    return Array.from({ length: Math.ceil(indices.length / size) }, (_, part) => ({
      synthesizer,
      indices: indices.slice(part * size, (part + 1) * size),
    }));
  });
}

function finished({ samples, sampleRateInHz }: Speech, planned: PlannedUtterance): Int16Array {
  const { id, text, synthesizer, delivery } = planned;
  const output = trimmed(
    resample(samples, sampleRateInHz, SAMPLE_RATE_IN_HZ, { crossings: CROSSINGS }),
    SAMPLE_RATE_IN_HZ,
  );
  if (output.length === 0)
    throw new UserError(`${id}: expected speech of ${synthesizer} ${delivery.voice} for ${shown(text)}, found silence`);
  return output;
}

/** `about 5.6 hours of speech, 640 MB`. */
function sizeOf(planned: readonly PlannedUtterance[]): string {
  const minutes = planned.reduce(
    (sum, { text, delivery }) => sum + text.length / CHARACTERS_PER_WORD / delivery.wordsPerMinute,
    0,
  );
  const megabytes = (60 * minutes * SAMPLE_RATE_IN_HZ * BYTES_PER_SAMPLE) / 1e6;
  const whole = Math.ceil(minutes);
  const duration =
    minutes < 90 ? `${whole} ${whole === 1 ? 'minute' : 'minutes'}` : `${(minutes / 60).toFixed(1)} hours`;
  return `about ${duration} of speech, ${Math.ceil(megabytes)} MB`;
}

/** Counts utterances, and reports a line every few seconds. */
function progressLines(count: number, report: (line: string) => void): (spoken: number) => void {
  const startedAt = performance.now();
  let [spoken, reportedAt] = [0, startedAt];
  return (more) => {
    spoken += more;
    const now = performance.now();
    if (now - reportedAt < REPORT_EVERY_MS && spoken < count) return;
    reportedAt = now;
    const perSecond = (1000 * spoken) / (now - startedAt);
    const left = spoken === count ? '' : ` · ${Math.ceil((count - spoken) / perSecond)} s left`;
    report(
      `synthesized ${spoken.toLocaleString('en')} of ${count.toLocaleString('en')} utterances · ${Math.round(perSecond)}/s${left}`,
    );
  };
}
