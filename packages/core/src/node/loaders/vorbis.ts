import { UserError } from '@motley/run';
import { checkLength, joined } from './lengths.ts';
import { type OggPage, oggPages } from './ogg.ts';
import { begins, type Audio } from './wav.ts';

/** Bytes of the identification header (Vorbis I, section 4.2.2). */
const IDENTIFICATION_LENGTH = 30;
/** Vorbis names the places of up to eight channels. */
const MOST_CHANNELS = 8;
const PACKETS_AT_ONCE = 512;

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
  const parts = await decodeGroups(groupsOf(bytes, pages), path, channelCount, most);
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
 * Splits a file into groups of pages, to bound what is decoded at once: 512 packets or one page more, each of at most
 * 4096 samples, are 12 MiB per channel.
 */
function groupsOf(bytes: Uint8Array, pages: readonly OggPage[]): Uint8Array[] {
  const groups: Uint8Array[] = [];
  let [start, end, packets] = [0, 0, 0];
  for (const { bytes: page, segmentCount } of pages) {
    end += page.length;
    packets += segmentCount;
    if (packets < PACKETS_AT_ONCE) continue;
    groups.push(bytes.subarray(start, end));
    [start, packets] = [end, 0];
  }
  if (start < end) groups.push(bytes.subarray(start));
  return groups;
}

/** @param most samples per channel */
async function decodeGroups(
  groups: readonly Uint8Array[],
  path: string,
  channelCount: number,
  most: number,
): Promise<Float32Array[][]> {
  const { OggVorbisDecoder } = await import('@wasm-audio-decoders/ogg-vorbis');
  const decoder = new OggVorbisDecoder();
  const parts: Float32Array[][] = [];
  let count = 0;
  await decoder.ready;
  // The decoder keeps a page until it sees the next one. Called without any packet, it takes 0.1 seconds.
  const calls =
    groups.length === 1
      ? [() => decoder.decodeFile(groups[0]!)]
      : [...groups.map((group) => () => decoder.decode(group)), () => decoder.flush()];
  try {
    for (const call of calls) {
      const { channelData, samplesDecoded, errors } = await call();
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
