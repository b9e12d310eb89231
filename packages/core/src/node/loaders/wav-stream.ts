import { UserError } from '@motley/run';
import {
  type Audio,
  CHUNK_HEADER_LENGTH,
  HEADER_LENGTH,
  parseFormat,
  parseSamples,
  requireRiff,
  tag,
  UNKNOWN_SIZE,
  type WavFormat,
} from './wav.ts';

/** Longest header, and longest chunk before the samples. */
const MAX_HEADER_BYTES = 2 ** 20;

/**
 * Reads a RIFF WAVE file as it arrives, as from a microphone whose sound has no end. Formats are those of `parseWav`; a
 * `data` chunk of size 0 or of unknown size goes on to the end.
 * @param input bytes in succession
 * @param name the file's name, for messages
 * @returns samples in succession; memory is that of a few chunks of the input
 * @throws UserError naming file and byte, the expected content and the content found
 */
export async function* streamWav(input: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Audio> {
  let pending: Uint8Array = new Uint8Array(0);
  let header: WavHeader | undefined;
  let read = 0;
  for await (const chunk of input) {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    if (header === undefined) {
      header = headerOf(pending, name);
      if (header === undefined) continue;
      pending = pending.subarray(header.start);
    }
    const { format, size } = header;
    const bytesPerTime = (format.bits / 8) * format.channelCount;
    const length = Math.floor(Math.min(pending.length, size - read) / bytesPerTime);
    if (length > 0) {
      const bytes = pending.subarray(0, length * bytesPerTime);
      yield parseSamples(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0, length, format, name);
      read += bytes.length;
      pending = pending.subarray(bytes.length);
    }
    // What follows the samples is no sound.
    if (size - read < bytesPerTime) return;
  }
  if (header === undefined) {
    requireRiff(pending, name);
    throw new UserError(`${name}: expected "data" in the WAVE file, found none`);
  }
  if (header.size !== Infinity)
    throw new UserError(`${name}: expected ${header.size} bytes of "data", found ${read} before the end of the file`);
  if (read === 0) throw new UserError(`${name}: byte ${header.start}: expected samples, found none`);
}

interface WavHeader {
  readonly format: WavFormat;
  /** Byte of the first sample. */
  readonly start: number;
  /** Bytes of all samples. Infinity where it is unknown. */
  readonly size: number;
}

/** Header of a file of which the first bytes are known. Undefined where they do not reach its end. */
function headerOf(bytes: Uint8Array, name: string): WavHeader | undefined {
  if (bytes.length < HEADER_LENGTH) return undefined;
  requireRiff(bytes, name);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let format: WavFormat | undefined;
  for (let offset = HEADER_LENGTH; offset + CHUNK_HEADER_LENGTH <= bytes.length;) {
    const [chunk, size] = [tag(bytes, offset), view.getUint32(offset + 4, true)];
    const start = offset + CHUNK_HEADER_LENGTH;
    if (chunk === 'data') {
      if (format === undefined)
        throw new UserError(`${name}: byte ${offset}: expected "fmt " before "data", found none`);
      return { format, start, size: size === 0 || size >= UNKNOWN_SIZE ? Infinity : size };
    }
    if (start + size > MAX_HEADER_BYTES)
      throw new UserError(
        `${name}: byte ${offset}: expected "data" in the first ${MAX_HEADER_BYTES} bytes, found ${size} bytes of "${chunk}"`,
      );
    if (start + size > bytes.length) return undefined;
    if (chunk === 'fmt ') format = parseFormat(view, start, size, name);
    // Chunks begin at even offsets.
    offset = start + size + (size % 2);
  }
  return undefined;
}
