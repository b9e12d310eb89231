import { parseAudio, loadAudio } from '@motley/core/node';
import { UserError } from '@motley/run';
import type { Recognition, Recognizer } from './predict.ts';
import { SAMPLE_RATE_IN_HZ } from './sample-rate.ts';

/** The name of standard input. */
export const STANDARD_INPUT = '-';
/** Longest sound of a file. Its samples take 230 MB an hour. */
const MAX_SECONDS = 4 * 3600;
/** Largest sound on standard input: an hour of 16 bits in stereo at 48 kHz is 690 MB. */
const MAX_INPUT_BYTES = 2 ** 30;

/**
 * Transcribes audio files: WAVE, FLAC, OGG or G.722 of any rate, mono or stereo; `-` reads a whole file of one of the
 * first three kinds from standard input. One file is in memory at a time.
 * @param input standard input
 * @throws UserError naming the file that is no sound, or has samples that are no numbers
 */
export async function* transcribeFiles(
  recognizer: Recognizer,
  paths: readonly string[],
  input: AsyncIterable<Uint8Array>,
): AsyncGenerator<TranscribedFile> {
  if (paths.length === 0) throw new UserError('predict: expected audio files, or - for standard input, got none');
  for (const path of paths) {
    const sound = await soundOf(path, input);
    const startedAt = performance.now();
    const recognition = await recognizer.transcribe(sound, path);
    yield { path, recognition, tookInSeconds: (performance.now() - startedAt) / 1000 };
  }
}

/** A file, what was heard in it, and how long the recognition took. */
interface TranscribedFile {
  readonly path: string;
  readonly recognition: Recognition;
  readonly tookInSeconds: number;
}

/**
 * One line on the time of recognitions. The real-time factor is the time by the length of the sound, the median over the
 * files: the first file of each length includes compiling.
 */
export function describeSpeed(files: readonly Pick<TranscribedFile, 'recognition' | 'tookInSeconds'>[]): string {
  const factors = files
    .map(({ recognition, tookInSeconds }) => tookInSeconds / recognition.seconds)
    .sort((one, other) => one - other);
  const seconds = files.reduce((sum, { recognition }) => sum + recognition.seconds, 0);
  const took = files.reduce((sum, { tookInSeconds }) => sum + tookInSeconds, 0);
  return `${seconds.toFixed(1)} s of sound in ${took.toFixed(2)} s, median real-time factor ${factors[factors.length >> 1]!.toFixed(3)}`;
}

/**
 * Samples of an audio file or of standard input, 16 kHz, mono.
 * @throws UserError as `transcribeFiles`
 */
export async function soundOf(path: string, input: AsyncIterable<Uint8Array>): Promise<Float32Array> {
  const options = { sampleRateInHz: SAMPLE_RATE_IN_HZ, mono: true, maxSeconds: MAX_SECONDS };
  const { channels } =
    path === STANDARD_INPUT
      ? await parseAudio(await allOf(input), 'standard input', options)
      : await loadAudio(path, options);
  return channels[0]!;
}

/** One line for a file: its name and what is said in it. */
export function describeRecognition(path: string, { text, confidence, isComplete }: Recognition): string {
  const name = path === STANDARD_INPUT ? 'standard input' : path;
  if (text === '') return `${name}: (no speech)`;
  const doubt = isComplete ? '' : ', a part never came to its end';
  return `${name}: ${text} (${(100 * confidence).toFixed(0)} %${doubt})`;
}

async function allOf(input: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of input) {
    size += chunk.length;
    if (size > MAX_INPUT_BYTES)
      throw new UserError(`standard input: expected at most ${MAX_INPUT_BYTES} bytes of audio, found more`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
