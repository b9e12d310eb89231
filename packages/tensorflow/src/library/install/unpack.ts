import { open } from 'node:fs/promises';
import type { Unpacked, UnpackOptions } from './unpack-options.ts';
import { unpackTar } from './unpack-tar.ts';
import { ZipReader } from './unpack-zip.ts';

/** Unpacks a zip or a (compressed) tar file, as its first bytes tell. @throws LibraryError `bad-archive` */
export async function unpackArchive(path: string, options: UnpackOptions): Promise<Unpacked[]> {
  const handle = await open(path, 'r');
  const { buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0).finally(() => handle.close());
  if (buffer.toString('latin1') === 'PK') return ZipReader.with(path, (zip) => zip.unpack(options));
  return unpackTar(path, options);
}
