const HEADER_BYTES = 44;

/** Samples of 16 bits. */
export interface Pcm {
  readonly sampleRateInHz: number;
  readonly samples: Int16Array;
}

/** Reads WAVE as synthesizers write it: a header of 44 bytes, whose sizes may be wrong, then one channel of 16 bits. */
export function parseSpeech(bytes: Uint8Array): Pcm {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isWave = bytes.length >= HEADER_BYTES && view.getUint32(0) === 0x52494646 && view.getUint32(36) === 0x64617461;
  if (!isWave || view.getUint16(22, true) !== 1 || view.getUint16(34, true) !== 16)
    throw new Error(`expected a WAVE file of one channel with 16 bits, found ${bytes.length} bytes`);
  const samples = new Int16Array((bytes.length - HEADER_BYTES) >> 1);
  for (let index = 0; index < samples.length; index++) samples[index] = view.getInt16(HEADER_BYTES + 2 * index, true);
  return { sampleRateInHz: view.getUint32(24, true), samples };
}

/** Samples from -1 to 1. */
export function toFloat(samples: Int16Array): Float32Array {
  const output = new Float32Array(samples.length);
  for (let index = 0; index < samples.length; index++) output[index] = samples[index]! / 2 ** 15;
  return output;
}

/** Writes samples from -1 to 1 as a WAVE file: one channel of 16 bits. */
export function encodeWav(samples: Float32Array, sampleRateInHz: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HEADER_BYTES + 2 * samples.length);
  const view = new DataView(bytes.buffer);
  const text = (offset: number, characters: string): void => {
    for (let index = 0; index < characters.length; index++) bytes[offset + index] = characters.charCodeAt(index);
  };
  text(0, 'RIFF');
  view.setUint32(4, bytes.length - 8, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true); // PCM
  view.setUint16(22, 1, true); // channels
  view.setUint32(24, sampleRateInHz, true);
  view.setUint32(28, 2 * sampleRateInHz, true);
  view.setUint16(32, 2, true); // bytes of a frame
  view.setUint16(34, 16, true); // bits of a sample
  text(36, 'data');
  view.setUint32(40, 2 * samples.length, true);
  for (let index = 0; index < samples.length; index++)
    view.setInt16(HEADER_BYTES + 2 * index, toInt16(samples[index]!), true);
  return bytes;
}

/** The nearest 16-bit sample. */
export function toInt16(sample: number): number {
  return Math.max(-(2 ** 15), Math.min(2 ** 15 - 1, Math.round(sample * 2 ** 15)));
}
