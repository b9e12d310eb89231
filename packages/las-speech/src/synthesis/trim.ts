import { toInt16 } from './wave.ts';

/** Level below which the ends of an utterance count as silence, relative to its loudest sample: -50 dB. */
const SILENCE = 10 ** (-50 / 20);
/** Silence that each end has after trimming. */
const MARGIN_IN_SECONDS = 0.06;

/**
 * Gives both ends of an utterance 60 ms of silence. Synthesizers add between 10 and 300 ms.
 * @returns 16-bit samples; none where all is silence
 */
export function trimmed(samples: Float32Array, sampleRateInHz: number): Int16Array {
  let peak = 0;
  for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
  let [start, end] = [0, samples.length];
  while (start < end && !(Math.abs(samples[start]!) > SILENCE * peak)) start++;
  while (end > start && !(Math.abs(samples[end - 1]!) > SILENCE * peak)) end--;
  if (start === end) return new Int16Array(0);
  const margin = Math.round(MARGIN_IN_SECONDS * sampleRateInHz);
  const output = new Int16Array(end - start + 2 * margin);
  for (let index = start; index < end; index++) output[margin + index - start] = toInt16(samples[index]!);
  return output;
}
