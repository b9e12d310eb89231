import { Budget, UserError } from '@motley/run';
import { readUserFile } from '@motley/run/node';
import { bytesToResample, resample } from '../../audio/resample.ts';
import { decodeFlac } from './flac.ts';
import { begins, parseWav, tag, type Audio } from './wav.ts';

export interface AudioOptions {
  /** Sample rate to resample to. Default: the file's own rate. */
  readonly sampleRateInHz?: number;
  /** Whether to average all channels into one. Default false. */
  readonly mono?: boolean;
  /**
   * Refuses a larger file, or a FLAC file that decodes to more samples than a file of this size would hold. Default 1
   * GiB.
   */
  readonly maxBytes?: number;
}

const BYTES_PER_SAMPLE = 4;

/**
 * Reads a WAVE or FLAC file as float32 samples from -1 to 1. The first bytes decide on the format.
 * @throws UserError naming the file and position, the expected content and the content found
 */
export async function loadAudio(path: string, options: AudioOptions = {}): Promise<Audio> {
  const { sampleRateInHz, mono = false, maxBytes = 2 ** 30 } = options;
  const bytes = await readUserFile(path, 'a WAVE or FLAC file', maxBytes);
  const decoded = await decode(bytes, path, maxBytes);
  const audio = mono ? toMono(decoded) : decoded;
  if (sampleRateInHz === undefined) return audio;
  const budget = Budget.forFile(path, `audio to resample from ${audio.sampleRateInHz} Hz`, bytes.length);
  for (const samples of audio.channels)
    budget.hold(bytesToResample(samples.length, audio.sampleRateInHz, sampleRateInHz));
  return {
    sampleRateInHz,
    channels: audio.channels.map((samples) => resample(samples, audio.sampleRateInHz, sampleRateInHz)),
  };
}

async function decode(bytes: Uint8Array, path: string, maxBytes: number): Promise<Audio> {
  switch (bytes.length < 4 ? '' : tag(bytes, 0)) {
    case 'RIFF':
      return parseWav(bytes, path);
    case 'fLaC':
      return decodeFlac(bytes, path, Math.floor(maxBytes / BYTES_PER_SAMPLE));
    default:
      throw new UserError(`${path}: expected a WAVE (RIFF) or FLAC (fLaC) file, found ${begins(bytes)}`);
  }
}

/** Averages all channels. */
export function toMono({ sampleRateInHz, channels }: Audio): Audio {
  const mean = new Float32Array(channels[0]?.length ?? 0);
  for (const samples of channels)
    for (const [index, value] of samples.entries()) mean[index]! += value / channels.length;
  return { sampleRateInHz, channels: [mean] };
}
