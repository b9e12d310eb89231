import { UserError } from '@motley/run';
import { checkLength } from './lengths.ts';

/** Audio samples from -1 to 1. */
export interface Audio {
  readonly sampleRateInHz: number;
  /** One array per channel, all of equal length, left before right. */
  readonly channels: readonly Float32Array[];
}

const PCM = 1;
const FLOAT = 3;
const EXTENSIBLE = 0xfffe;
export const HEADER_LENGTH = 12;
export const CHUNK_HEADER_LENGTH = 8;
/** Sizes from about 2³¹ are unknown, as in files written to a pipe (espeak-ng, ffmpeg, sox). */
export const UNKNOWN_SIZE = 0x7ffff000;

export interface WavFormat {
  readonly code: number;
  readonly channelCount: number;
  readonly sampleRateInHz: number;
  readonly bits: number;
}

/**
 * Parses a RIFF WAVE file: PCM of 8, 16, 24 or 32 bits, or float of 32 or 64 bits, plain or `WAVE_FORMAT_EXTENSIBLE`
 * (Microsoft, Multiple Channel Audio Data and WAVE Files).
 * @param path the file's name, for messages
 * @param maxSeconds maximum length
 * @throws UserError naming the file and byte, the expected content and the content found
 */
export function parseWav(bytes: Uint8Array, path: string, maxSeconds = Infinity): Audio {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  requireRiff(bytes, path);
  let format: WavFormat | undefined;
  let emptyAt: number | undefined;
  for (let offset = HEADER_LENGTH; offset + CHUNK_HEADER_LENGTH <= bytes.length;) {
    const name = tag(bytes, offset);
    const size = view.getUint32(offset + 4, true);
    const start = offset + CHUNK_HEADER_LENGTH;
    const isEmpty = name === 'data' && size === 0 && areChunks(bytes, view, start);
    const isOpen = name === 'data' && !isEmpty && (size === 0 || size >= UNKNOWN_SIZE);
    if (!isOpen && start + size > bytes.length)
      throw new UserError(
        `${path}: byte ${offset}: expected ${size} bytes of "${name}", found ${bytes.length - start} before the end of the file`,
      );
    if (name === 'fmt ') format = parseFormat(view, start, size, path);
    if (name === 'data' && !isEmpty) {
      if (format === undefined)
        throw new UserError(`${path}: byte ${offset}: expected "fmt " before "data", found none`);
      const length = Math.floor((isOpen ? bytes.length - start : size) / (format.bits / 8) / format.channelCount);
      checkLength(path, { ...format, length }, Infinity, maxSeconds);
      return parseSamples(view, start, length, format, path);
    }
    if (isEmpty) emptyAt ??= start;
    // Chunks begin at even offsets.
    offset = start + size + (size % 2);
  }
  throw new UserError(
    emptyAt === undefined
      ? `${path}: expected "data" in the WAVE file, found none`
      : `${path}: byte ${emptyAt}: expected samples, found none`,
  );
}

/** @throws UserError where a file does not begin as a WAVE file does */
export function requireRiff(bytes: Uint8Array, path: string): void {
  if (bytes.length < HEADER_LENGTH || tag(bytes, 0) !== 'RIFF' || tag(bytes, 8) !== 'WAVE')
    throw new UserError(`${path}: expected a WAVE file (RIFF … WAVE), found ${begins(bytes)}`);
}

/**
 * Whether the rest of a file is whole chunks, at least one. Then a size of 0 before it means an empty chunk; else it
 * means an unknown size, and the rest is samples.
 */
function areChunks(bytes: Uint8Array, view: DataView, start: number): boolean {
  let offset = start;
  while (offset + CHUNK_HEADER_LENGTH <= bytes.length) {
    if (bytes.subarray(offset, offset + 4).some((byte) => !isPrintable(byte))) return false;
    const size = view.getUint32(offset + 4, true);
    offset += CHUNK_HEADER_LENGTH + size;
    // The last chunk may lack its byte of padding.
    if (offset !== bytes.length) offset += size % 2;
  }
  return offset === bytes.length && offset > start;
}

/** Parses a `fmt ` chunk. @throws UserError for another format than PCM or float */
export function parseFormat(view: DataView, start: number, size: number, path: string): WavFormat {
  if (size < 16) throw new UserError(`${path}: byte ${start}: expected a format of at least 16 bytes, found ${size}`);
  let code = view.getUint16(start, true);
  const channelCount = view.getUint16(start + 2, true);
  const sampleRateInHz = view.getUint32(start + 4, true);
  const bits = view.getUint16(start + 14, true);
  // The first two bytes of the sub-format are the plain format code.
  if (code === EXTENSIBLE && size >= 40) code = view.getUint16(start + 24, true);
  const isKnown = (code === PCM && [8, 16, 24, 32].includes(bits)) || (code === FLOAT && [32, 64].includes(bits));
  if (!isKnown)
    throw new UserError(
      `${path}: byte ${start}: expected PCM of 8, 16, 24 or 32 bits or float of 32 or 64, found format ${code} of ${bits} bits`,
    );
  if (channelCount === 0 || sampleRateInHz === 0)
    throw new UserError(
      `${path}: byte ${start}: expected channels and a sample rate, found ${channelCount} channels at ${sampleRateInHz} Hz`,
    );
  return { code, channelCount, sampleRateInHz, bits };
}

/** Decodes `length` samples of each channel. @throws UserError for a number that is not finite */
export function parseSamples(view: DataView, start: number, length: number, format: WavFormat, path: string): Audio {
  const { channelCount, sampleRateInHz, bits } = format;
  const bytesPerSample = bits / 8;
  if (length === 0) throw new UserError(`${path}: byte ${start}: expected samples, found none`);
  const read = reader(view, format);
  const channels = Array.from({ length: channelCount }, () => new Float32Array(length));
  for (let index = 0, offset = start; index < length; index++) {
    for (const samples of channels) {
      const value = read(offset);
      if (!Number.isFinite(value))
        throw new UserError(`${path}: byte ${offset} (sample ${index}): expected a finite number, found ${value}`);
      samples[index] = value;
      offset += bytesPerSample;
    }
  }
  return { sampleRateInHz, channels };
}

/** Decodes one sample. The most negative integer becomes -1. */
function reader(view: DataView, { code, bits }: WavFormat): (offset: number) => number {
  if (code === FLOAT)
    return bits === 32 ? (offset) => view.getFloat32(offset, true) : (offset) => view.getFloat64(offset, true);
  switch (bits) {
    case 8:
      return (offset) => (view.getUint8(offset) - 128) / 128;
    case 16:
      return (offset) => view.getInt16(offset, true) / 2 ** 15;
    case 24:
      return (offset) => (view.getUint16(offset, true) + view.getInt8(offset + 2) * 2 ** 16) / 2 ** 23;
    default:
      return (offset) => view.getInt32(offset, true) / 2 ** 31;
  }
}

const isPrintable = (byte: number): boolean => byte >= 0x20 && byte < 0x7f;

/** Reads four ASCII characters. Others become a question mark. */
export function tag(bytes: Uint8Array, offset: number): string {
  const characters = [...bytes.subarray(offset, offset + 4)];
  return characters.map((byte) => (isPrintable(byte) ? String.fromCharCode(byte) : '?')).join('');
}

/** Shows the first bytes of a file or of another noun, for messages. */
export function begins(bytes: Uint8Array, noun = 'a file'): string {
  return bytes.length === 0 ? 'an empty file' : `${noun} that begins with "${tag(bytes, 0)}"`;
}
