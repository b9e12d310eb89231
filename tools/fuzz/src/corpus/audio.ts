import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import libFlacVariant from 'libflacjs';

/** A WAVE file: PCM of 16 bits, with a comment before its samples. */
export function wavOf(channels: number, samples: readonly number[]): Buffer {
  const chunk = (name: string, content: Buffer): Buffer => {
    const header = Buffer.from(`${name}\0\0\0\0`);
    header.writeUInt32LE(content.length, 4);
    return Buffer.concat([header, content, Buffer.alloc(content.length % 2)]);
  };
  const format = Buffer.alloc(16);
  format.writeUInt16LE(1, 0);
  format.writeUInt16LE(channels, 2);
  format.writeUInt32LE(8000, 4);
  format.writeUInt32LE(16_000 * channels, 8);
  format.writeUInt16LE(2 * channels, 12);
  format.writeUInt16LE(16, 14);
  const data = Buffer.from(Int16Array.from(samples).buffer);
  const chunks = [chunk('fmt ', format), chunk('LIST', Buffer.from('INFO')), chunk('data', data)];
  return chunk('RIFF', Buffer.concat([Buffer.from('WAVE'), ...chunks]));
}

/** A FLAC file of one channel, encoded by libFLAC. */
export async function flacOf(samples: readonly number[]): Promise<Buffer> {
  const library = libFlacVariant('min');
  if (!library.isReady())
    await new Promise((resolve) => {
      library.on('ready', resolve);
    });
  const encoder = library.create_libflac_encoder(8000, 1, 16, 5, samples.length, true, 0);
  const parts: Buffer[] = [];
  library.init_encoder_stream(
    encoder,
    (bytes) => void parts.push(Buffer.from(bytes)),
    () => undefined,
  );
  library.FLAC__stream_encoder_process_interleaved(encoder, Int32Array.from(samples), samples.length);
  library.FLAC__stream_encoder_finish(encoder);
  library.FLAC__stream_encoder_delete(encoder);
  return Buffer.concat(parts);
}

/** An Ogg Vorbis file of one channel, a tone of 0.1 seconds, encoded by libvorbis. */
export const ogg = (): Promise<Buffer> => readFile(join(import.meta.dirname, 'tone.ogg'));
