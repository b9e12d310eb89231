import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';

export interface WrittenFile {
  bytes: number;
  /** Hexadecimal. */
  sha256: string;
}

/** Writes a stream to a new file, computes its hash, and flushes it to the disk. */
export async function writeFileFrom(
  source: AsyncIterable<Uint8Array>,
  path: string,
  options: { onBytes?: (bytes: number) => void; executable?: boolean; signal?: AbortSignal | undefined } = {},
): Promise<WrittenFile> {
  await mkdir(dirname(path), { recursive: true });
  const hash = createHash('sha256');
  let bytes = 0;
  await pipeline(
    source,
    async function* (chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        bytes += chunk.length;
        options.onBytes?.(chunk.length);
        yield chunk;
      }
    },
    createWriteStream(path, {
      flags: 'wx',
      flush: true,
      highWaterMark: 1 << 20,
      mode: options.executable ? 0o755 : 0o644,
    }),
    { ...(options.signal && { signal: options.signal }) },
  );
  return { bytes, sha256: hash.digest('hex') };
}
