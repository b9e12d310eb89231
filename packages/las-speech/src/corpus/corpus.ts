import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { firstIssue, listOf, parseJson, UserError } from '@motley/run';
import { z } from 'zod';
import { SAMPLE_RATE_IN_HZ } from '../sample-rate.ts';
import { SET_NAMES, type SetName } from '../synthesis/plan.ts';
import { SYNTHESIZER_NAMES, type Delivery, type SynthesizerName } from '../synthesis/synthesizer.ts';
import { TEXT_KINDS, type TextKind } from '../texts/draw-texts.ts';

export const INDEX_FILE = 'corpus.json';
export const BYTES_PER_SAMPLE = 2;
/** Longest utterance: 2 minutes. */
const MOST_SAMPLES = 120 * SAMPLE_RATE_IN_HZ;
const MOST_INDEX_BYTES = 2 ** 28;

export const shardFile = (shard: number, ending: 'pcm' | 'json'): string =>
  `samples-${String(shard).padStart(3, '0')}.${ending}`;

/** Parts of a corpus. Recordings have training, validation and test. */
type CorpusSet = SetName | 'test';

/** An utterance without its samples. */
interface CorpusUtterance {
  readonly id: string;
  readonly set: CorpusSet;
  readonly text: string;
  /** Who is recorded, or synthesizer and voice: `espeak-ng en-gb+m3`. */
  readonly speaker: string;
  /** How it is synthesized, if it is. */
  readonly kind?: TextKind;
  readonly synthesizer?: SynthesizerName;
  readonly delivery?: Delivery;
  /** Number of samples. */
  readonly length: number;
}

/** Finished corpus on disk. Plain data, so it can be sent to a thread. */
export interface CorpusDescription {
  readonly folder: string;
}

/** Utterances, synthesized or recorded, read from disk one by one. */
export interface Corpus {
  readonly description: CorpusDescription;
  readonly length: number;
  readonly sampleRateInHz: number;
  /** Synthesizers with their versions: `espeak-ng 1.51`. */
  readonly synthesizers: readonly string[];
  readonly utterances: readonly CorpusUtterance[];
  /** Indices of a set's utterances. */
  indicesOf(set: CorpusSet): Int32Array;
  utterance(index: number): CorpusUtterance;
  /**
   * Reads an utterance: samples from -1 to 1 at 16 kHz.
   * @throws UserError where the file is shorter than its index says
   */
  samples(index: number): Float32Array;
}

const deliverySchema = z.object({
  voice: z.string(),
  wordsPerMinute: z.number(),
  pitchInSemitones: z.number(),
  pitchRange: z.number(),
});

const synthesizedSchema = z.object({
  id: z.string(),
  set: z.enum(SET_NAMES),
  kind: z.enum(TEXT_KINDS),
  text: z.string(),
  synthesizer: z.enum(SYNTHESIZER_NAMES),
  delivery: deliverySchema,
  length: z.int().min(1).max(MOST_SAMPLES),
});

const recordedSchema = z.object({
  id: z.string(),
  set: z.enum(['training', 'validation', 'test']),
  text: z.string(),
  speaker: z.string(),
  length: z.int().min(1).max(MOST_SAMPLES),
});

const indexSchema = z.object({
  sampleRateInHz: z.literal(SAMPLE_RATE_IN_HZ),
  /** Utterances of one file of samples. */
  shardLength: z.int().min(1),
  synthesizers: z.array(z.string()).max(8),
  utterances: z.union([listOf(synthesizedSchema), listOf(recordedSchema)]),
});
export type CorpusIndex = z.output<typeof indexSchema>;

/**
 * Opens a finished corpus. It reads synchronously, for worker threads; the system keeps read files in memory.
 * @throws UserError where the folder holds no finished corpus
 */
export function openCorpus(description: CorpusDescription): Corpus {
  const { folder } = description;
  const { utterances: listed, synthesizers, shardLength } = readIndex(folder);
  const utterances = listed.map(withSpeaker);
  const offsets = offsetsOf(
    listed.map(({ length }) => length),
    shardLength,
  );
  const utterance = (index: number): CorpusUtterance => {
    const found = utterances[index];
    if (found === undefined) throw new RangeError(`corpus: expected an index below ${utterances.length}, got ${index}`);
    return found;
  };
  return {
    description,
    length: utterances.length,
    sampleRateInHz: SAMPLE_RATE_IN_HZ,
    synthesizers,
    utterances,
    indicesOf: (set) => Int32Array.from(utterances.keys()).filter((index) => utterances[index]!.set === set),
    utterance,
    samples(index) {
      const { length } = utterance(index);
      const shard = Math.floor(index / shardLength);
      const bytes = Buffer.allocUnsafe(length * BYTES_PER_SAMPLE);
      const file = openSync(join(folder, shardFile(shard, 'pcm')), 'r');
      const count = readSync(file, bytes, 0, bytes.length, offsets[index]! * BYTES_PER_SAMPLE);
      closeSync(file);
      if (count !== bytes.length)
        throw new UserError(
          `${join(folder, shardFile(shard, 'pcm'))}: expected ${bytes.length} bytes from ${offsets[index]! * BYTES_PER_SAMPLE} on, found ${count}; remove ${folder} to synthesize it anew`,
        );
      const samples = new Float32Array(length);
      const view = new DataView(bytes.buffer, bytes.byteOffset);
      for (let time = 0; time < length; time++) samples[time] = view.getInt16(2 * time, true) / 2 ** 15;
      return samples;
    },
  };
}

function withSpeaker(listed: CorpusIndex['utterances'][number]): CorpusUtterance {
  return 'delivery' in listed ? { ...listed, speaker: `${listed.synthesizer} ${listed.delivery.voice}` } : listed;
}

/** @throws UserError where the folder holds no index, or a damaged one */
export function readIndex(folder: string): CorpusIndex {
  const path = join(folder, INDEX_FILE);
  const { size } = statSync(path, { throwIfNoEntry: false }) ?? {};
  if (size === undefined || size > MOST_INDEX_BYTES)
    throw new UserError(
      `${path}: expected the index of a corpus, found ${size === undefined ? 'none' : `${size} bytes`}`,
    );
  const parsed = indexSchema.safeParse(parseJson(readFileSync(path, 'utf8'), path, 'the index of a corpus'));
  if (!parsed.success)
    throw new UserError(`${path}: ${firstIssue(parsed.error)}; remove ${folder} to synthesize it anew`);
  return parsed.data;
}

/** Position of each utterance in its file, in samples. */
function offsetsOf(lengths: readonly number[], shardLength: number): Float64Array {
  const offsets = new Float64Array(lengths.length);
  for (let index = 1; index < lengths.length; index++)
    offsets[index] = index % shardLength === 0 ? 0 : offsets[index - 1]! + lengths[index - 1]!;
  return offsets;
}
