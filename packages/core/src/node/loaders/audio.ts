import { Budget, UserError } from '@motley/run';
import { readUserFile } from '@motley/run/node';
import { bytesToResample, resample } from '../../audio/resample.ts';
import { decodeFlac } from './flac.ts';
import { decodeG722 } from './g722.ts';
import { decodeVorbis } from './vorbis.ts';
import { begins, parseWav, tag, type Audio } from './wav.ts';

export interface AudioOptions {
  /** Sample rate to resample to. Default: the file's own rate. */
  readonly sampleRateInHz?: number;
  /** Whether to average all channels into one. Default false. */
  readonly mono?: boolean;
  /** Refuses longer audio before it is decoded. Default none. */
  readonly maxSeconds?: number;
  /**
   * Refuses a larger file, or a compressed file that decodes to more samples than a file of this size would hold.
   * Default 1 GiB.
   */
  readonly maxBytes?: number;
}

const BYTES_PER_SAMPLE = Float32Array.BYTES_PER_ELEMENT;
const DEFAULT_MAX_BYTES = 2 ** 30;
const EXPECTED = 'a WAVE, FLAC, OGG or G.722 file';

/**
 * Reads a WAVE, FLAC, Ogg Vorbis or G.722 file as float32 samples from -1 to 1. The first bytes decide on the format,
 * except that G.722 has no header: its name ends with `.g722`.
 *
 * Memory is the file's bytes, 4 bytes per decoded sample of each channel, and 4 per resampled one.
 * @throws UserError naming the file and position, the expected content and the content found
 */
export async function loadAudio(path: string, options: AudioOptions = {}): Promise<Audio> {
  return parseAudio(await readUserFile(path, EXPECTED, options.maxBytes ?? DEFAULT_MAX_BYTES), path, options);
}

/**
 * Decodes the bytes of an audio file, such as those of standard input.
 * @param name the file's name, for messages and for the format of G.722
 * @throws UserError like `loadAudio`
 */
export async function parseAudio(bytes: Uint8Array, name: string, options: AudioOptions = {}): Promise<Audio> {
  const { sampleRateInHz, mono = false } = options;
  const decoded = await decode(bytes, name, options);
  const audio = mono ? toMono(decoded) : decoded;
  if (sampleRateInHz === undefined) return audio;
  const decodedBytes = BYTES_PER_SAMPLE * audio.channels.reduce((sum, { length }) => sum + length, 0);
  const budget = Budget.forFile(
    name,
    `audio to resample from ${audio.sampleRateInHz} Hz`,
    Math.max(bytes.length, decodedBytes),
  );
  for (const samples of audio.channels)
    budget.hold(bytesToResample(samples.length, audio.sampleRateInHz, sampleRateInHz));
  return {
    sampleRateInHz,
    channels: audio.channels.map((samples) => resample(samples, audio.sampleRateInHz, sampleRateInHz)),
  };
}

async function decode(
  bytes: Uint8Array,
  name: string,
  { maxBytes = DEFAULT_MAX_BYTES, maxSeconds = Infinity }: AudioOptions,
): Promise<Audio> {
  if (bytes.length > maxBytes)
    throw new UserError(`${name}: expected ${EXPECTED} of at most ${maxBytes} bytes, found ${bytes.length}`);
  const maxSamples = Math.floor(maxBytes / BYTES_PER_SAMPLE);
  if (name.toLowerCase().endsWith('.g722')) return decodeG722(bytes, name, maxSamples, maxSeconds);
  switch (bytes.length < 4 ? '' : tag(bytes, 0)) {
    case 'RIFF':
      return parseWav(bytes, name, maxSeconds);
    case 'fLaC':
      return decodeFlac(bytes, name, maxSamples, maxSeconds);
    case 'OggS':
      return decodeVorbis(bytes, name, maxSamples, maxSeconds);
    default:
      throw new UserError(`${name}: expected a WAVE (RIFF), FLAC (fLaC) or OGG (OggS) file, found ${begins(bytes)}`);
  }
}

/** Averages all channels. */
export function toMono({ sampleRateInHz, channels }: Audio): Audio {
  const mean = new Float32Array(channels[0]?.length ?? 0);
  for (const samples of channels)
    for (let index = 0; index < mean.length; index++) mean[index]! += samples[index]! / channels.length;
  return { sampleRateInHz, channels: [mean] };
}
