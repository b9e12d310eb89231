import { UserError } from '@motley/run';
import { OggVorbisDecoder } from '@wasm-audio-decoders/ogg-vorbis';
import { checkLength, joined } from './lengths.ts';
import { type OggPage, oggPages } from './ogg.ts';
import { begins, type Audio } from './wav.ts';

/** Bytes of the identification header (Vorbis I, section 4.2.2). */
const IDENTIFICATION_LENGTH = 30;
/** Vorbis names the places of up to eight channels. */
const MOST_CHANNELS = 8;

/**
 * Decodes an Ogg file of one Vorbis stream (Xiph.Org, Vorbis I) and verifies its checksums.
 * @param path the file's name, for messages
 * @param maxSamples maximum number of samples of all channels together
 * @param maxSeconds maximum length
 * @throws UserError if the file is damaged, cut, too long, or holds another codec or a second stream
 */
export async function decodeVorbis(
  bytes: Uint8Array,
  path: string,
  maxSamples: number,
  maxSeconds = Infinity,
): Promise<Audio> {
  const pages = oggPages(bytes, path);
  const { channelCount, sampleRateInHz } = identification(pages[0]!.body, path);
  const length = pages.at(-1)!.granule;
  checkLength(path, { length, channelCount, sampleRateInHz }, maxSamples, maxSeconds);
  const most = Math.min(maxSamples / channelCount, maxSeconds * sampleRateInHz);
  const parts = await decodePages(pages, path, channelCount, most);
  const channels = Array.from({ length: channelCount }, (_, channel) => joined(parts.map((part) => part[channel]!)));
  if (channels[0]!.length === 0) throw new UserError(`${path}: expected samples, found none`);
  return { sampleRateInHz, channels };
}

function identification(packet: Uint8Array, path: string): { channelCount: number; sampleRateInHz: number } {
  if (packet.length < IDENTIFICATION_LENGTH || packet[0] !== 1 || !Buffer.from(packet).includes('vorbis', 1, 'latin1'))
    throw new UserError(`${path}: expected Vorbis in the Ogg file, found ${begins(packet, 'a stream')}`);
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  const channelCount = view.getUint8(11);
  const sampleRateInHz = view.getUint32(12, true);
  if (channelCount === 0 || channelCount > MOST_CHANNELS || sampleRateInHz === 0)
    throw new UserError(
      `${path}: expected 1 to ${MOST_CHANNELS} channels and a sample rate, found ${channelCount} channels at ${sampleRateInHz} Hz`,
    );
  return { channelCount, sampleRateInHz };
}

/**
 * Decodes page by page: a page has at most 255 packets of 4096 samples, so that no more is decoded at once than 32 MiB.
 * @param most samples per channel
 */
async function decodePages(
  pages: readonly OggPage[],
  path: string,
  channelCount: number,
  most: number,
): Promise<Float32Array[][]> {
  const decoder = new OggVorbisDecoder();
  const parts: Float32Array[][] = [];
  let count = 0;
  await decoder.ready;
  try {
    for (const { bytes } of [...pages, { bytes: undefined }]) {
      const { channelData, samplesDecoded, errors } = await (bytes === undefined
        ? decoder.flush()
        : decoder.decode(bytes));
      if (errors.length > 0) throw new Error(errors[0]!.message);
      count += samplesDecoded;
      if (count > most) throw new UserError(`${path}: expected at most ${Math.floor(most)} samples, found more`);
      if (samplesDecoded > 0 && channelData.length !== channelCount)
        throw new Error(`${channelData.length} channels, not ${channelCount}`);
      if (samplesDecoded > 0) parts.push(channelData);
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    const found = error instanceof Error ? error.message : String(error);
    throw new UserError(`${path}: expected undamaged Vorbis, found an error (${found}) after ${count} samples`, {
      cause: error,
    });
  } finally {
    decoder.free();
  }
  return parts;
}
