import { UserError } from '@motley/run';
import { optionalPackages } from '@motley/run/node';
import type libFlacVariant from 'libflacjs';
import type { Flac } from 'libflacjs';
import { checkLength, joined } from './lengths.ts';
import { begins, tag, type Audio } from './wav.ts';

const packages = optionalPackages(import.meta.url, 'FLAC files', ['libflacjs']);

let library: Promise<Flac> | undefined;

/**
 * libFLAC as asm.js, because its WebAssembly build does not find its own file under Node. The package
 * `@wasm-audio-decoders/flac` drops damaged frames silently, checks no MD5 sum, and scales samples by
 * 2^(bits - 1) - 1.
 */
function libFlac(): Promise<Flac> {
  library ??= new Promise((resolve) => {
    const flac = (packages.load('libflacjs') as typeof libFlacVariant)('min');
    if (flac.isReady()) resolve(flac);
    else
      flac.on('ready', () => {
        resolve(flac);
      });
  });
  return library;
}

/** Byte offset of the end of the first metadata block, which must be STREAMINFO. */
const STREAM_INFO_END = 42;
/** Supported bits per sample. libflacjs decodes other depths wrongly. */
const BIT_DEPTHS: readonly number[] = [8, 16, 24];

interface StreamInfo {
  readonly sampleRateInHz: number;
  readonly channelCount: number;
  readonly bits: number;
  /** Samples per channel. 0 if the encoder did not know. */
  readonly length: number;
}

/**
 * Decodes a FLAC file (RFC 9639) of 8, 16 or 24 bits and verifies its checksums.
 * @param path the file's name, for messages
 * @param maxSamples maximum number of samples of all channels together
 * @param maxSeconds maximum length
 * @throws UserError if the file is damaged, too long, or of another bit depth
 */
export async function decodeFlac(
  bytes: Uint8Array,
  path: string,
  maxSamples: number,
  maxSeconds = Infinity,
): Promise<Audio> {
  if (bytes.length < STREAM_INFO_END || tag(bytes, 0) !== 'fLaC' || (bytes[4]! & 0x7f) !== 0)
    throw new UserError(`${path}: expected a FLAC file (fLaC, STREAMINFO), found ${begins(bytes)}`);
  const info = streamInfo(bytes);
  const { sampleRateInHz, channelCount, bits, length } = info;
  if (!BIT_DEPTHS.includes(bits))
    throw new UserError(`${path}: expected FLAC samples of 8, 16 or 24 bits, found ${bits}`);
  checkLength(path, info, maxSamples, maxSeconds);
  // A length of 0 is unknown.
  const most = Math.min(maxSamples, Math.floor(maxSeconds * sampleRateInHz) * channelCount);
  const { frames, problem, isSumRight } = decodeFrames(await libFlac(), bytes, info, most);
  const decoded = frames.reduce((sum, frame) => sum + (frame[0]?.length ?? 0), 0);
  const after = `after ${decoded} samples`;
  if (problem !== undefined) throw new UserError(`${path}: expected undamaged FLAC, found ${problem} ${after}`);
  if (decoded === 0 || (length !== 0 && decoded !== length))
    throw new UserError(`${path}: expected ${length || 'some'} samples, found ${decoded} before the end of the file`);
  if (!isSumRight) throw new UserError(`${path}: expected undamaged FLAC, found a wrong MD5 sum ${after}`);
  const channels = Array.from({ length: channelCount }, (_, channel) => joined(frames.map((frame) => frame[channel]!)));
  return { sampleRateInHz, channels };
}

/**
 * Parses STREAMINFO (RFC 9639, section 8.2). From byte 18: 20 bits of sample rate, 3 of channels - 1, 5 of bits - 1, 36
 * of samples.
 */
function streamInfo(bytes: Uint8Array): StreamInfo {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const packed = view.getUint32(18);
  return {
    sampleRateInHz: packed >>> 12,
    channelCount: ((packed >>> 9) & 7) + 1,
    bits: ((packed >>> 4) & 31) + 1,
    length: (packed & 15) * 2 ** 32 + view.getUint32(22),
  };
}

/** Decodes all frames. Returns one sample array per channel. */
function decodeFrames(
  flac: Flac,
  bytes: Uint8Array,
  { bits, channelCount }: StreamInfo,
  maxSamples: number,
): { frames: Float32Array[][]; problem: string | undefined; isSumRight: boolean } {
  const frames: Float32Array[][] = [];
  let problem: string | undefined;
  let isSumRight: boolean;
  let position = 0;
  let sampleCount = 0;
  const decoder = flac.create_libflac_decoder(true);
  try {
    flac.init_decoder_stream(
      decoder,
      (size) => {
        const end = sampleCount > maxSamples ? position : Math.min(position + size, bytes.length);
        const buffer = bytes.slice(position, end);
        position = end;
        return { buffer, readDataLength: buffer.length, error: false };
      },
      (data, { blocksize }) => {
        // RFC 9639 allows no other number of channels than STREAMINFO's, but libFLAC does.
        if (data.length !== channelCount) problem ??= `a frame of ${data.length} channels, not ${channelCount},`;
        frames.push(data.map((samples) => toFloats(samples, blocksize, bits)));
        sampleCount += blocksize * channelCount;
      },
      (_, description) => {
        problem ??= `an error (${String(description).replace('FLAC__STREAM_DECODER_ERROR_STATUS_', '')})`;
      },
    );
    flac.FLAC__stream_decoder_process_until_end_of_stream(decoder);
    if (sampleCount > maxSamples) problem = `more than ${maxSamples} samples`;
    isSumRight = flac.FLAC__stream_decoder_finish(decoder);
  } finally {
    flac.FLAC__stream_decoder_delete(decoder);
  }
  return { frames, problem, isSumRight };
}

/** Converts the decoder's little-endian integers to [-1, 1). */
function toFloats(bytes: Uint8Array, count: number, bits: number): Float32Array {
  const width = bytes.length / count;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const scale = 2 ** (bits - 1);
  const read = {
    1: (index: number) => view.getInt8(index),
    2: (index: number) => view.getInt16(2 * index, true),
    3: (index: number) => view.getUint16(3 * index, true) + view.getInt8(3 * index + 2) * 2 ** 16,
    4: (index: number) => view.getInt32(4 * index, true),
  }[width];
  if (read === undefined) throw new Error(`decodeFlac: expected samples of 1 to 4 bytes from libFLAC, got ${width}`);
  return Float32Array.from({ length: count }, (_, index) => read(index) / scale);
}
