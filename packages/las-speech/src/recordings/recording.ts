import { loadAudio } from '@motley/core/node';
import type { Language } from '../alphabet.ts';
import { SAMPLE_RATE_IN_HZ } from '../sample-rate.ts';

/** Longest recording that is decoded. Lines of speech take seconds. */
const MOST_SECONDS = 120;

export const PARTS = ['training', 'validation', 'test'] as const;
export type Part = (typeof PARTS)[number];

/** One transcribed audio file. */
export interface Recording {
  /** Unique within its collection. */
  readonly id: string;
  /** Letters of the collection's language, words apart by one space. */
  readonly text: string;
  readonly speaker: string;
  /** Path of the audio file. */
  readonly file: string;
  readonly part: Part;
}

/** Why a line of a collection is not used. */
export type DropReason = 'no audio' | 'no text' | 'digits' | 'markup' | 'letters' | 'repeated';

/** Transcribed recordings of one source. Plain data, so it can be written as JSON. */
export interface RecordingCollection {
  readonly name: string;
  readonly language: Language;
  readonly recordings: readonly Recording[];
  /** Lines that are not used, counted. */
  readonly dropped: Readonly<Partial<Record<DropReason, number>>>;
}

/**
 * Decodes a recording.
 * @returns samples from -1 to 1 at 16 kHz, all channels averaged
 * @throws UserError naming the file, for damaged audio and for more than two minutes
 */
export async function loadRecording({ file }: Pick<Recording, 'file'>): Promise<Float32Array> {
  const { channels } = await loadAudio(file, {
    mono: true,
    sampleRateInHz: SAMPLE_RATE_IN_HZ,
    maxSeconds: MOST_SECONDS,
  });
  return channels[0]!;
}

/** Counts what is dropped. */
export class Drops {
  readonly #counts: Partial<Record<DropReason, number>> = {};

  add(reason: DropReason): void {
    this.#counts[reason] = (this.#counts[reason] ?? 0) + 1;
  }

  get counts(): Readonly<Partial<Record<DropReason, number>>> {
    return this.#counts;
  }
}
