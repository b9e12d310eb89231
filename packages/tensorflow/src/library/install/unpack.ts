import { open } from 'node:fs/promises';
import { unpackTar } from './unpack-tar.ts';
import { ZipReader } from './unpack-zip.ts';
import type { WrittenFile } from './write-file.ts';

export interface UnpackOptions {
  /** An existing folder, into which everything goes. */
  folder: string;
  /** For an entry's name, the path below `folder` that it goes to; undefined to leave it out. */
  select: (name: string) => string | undefined;
  /** `totalBytes` is absent where the archive does not say. */
  onProgress?: (doneBytes: number, totalBytes?: number) => void;
  signal?: AbortSignal | undefined;
}

export interface Unpacked extends WrittenFile {
  /** As the archive calls it. */
  name: string;
  /** Below `folder`. */
  path: string;
}

/** Unpacks a zip or a (compressed) tar file, whichever it is by its first bytes. @throws LibraryError `bad-archive`. */
export async function unpackArchive(path: string, options: UnpackOptions): Promise<Unpacked[]> {
  const handle = await open(path, 'r');
  const { buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0).finally(() => handle.close());
  if (buffer.toString('latin1') === 'PK') return ZipReader.with(path, (zip) => zip.unpack(options));
  return unpackTar(path, options);
}
