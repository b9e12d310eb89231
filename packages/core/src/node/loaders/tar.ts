import { UserError } from '@motley/run';
import { Header } from 'tar/header';

const BLOCK = 512;

/**
 * The regular files of a tar archive, by name. Links are passed over. Names are unchecked: look them up, never write to
 * them. No byte is copied.
 * @param where names the archive, for messages
 * @throws UserError where a header is damaged or a file ends after the archive
 */
export function tarFiles(archive: Buffer, where: string): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (let offset = 0; offset + BLOCK <= archive.length;) {
    const header = readHeader(archive, offset);
    if (header?.nullBlock) break;
    if (header?.cksumValid !== true || header.size === undefined)
      throw new UserError(`${where}: expected a tar archive, found a damaged header at byte ${offset}`);
    const { path, size, type } = header;
    const start = offset + BLOCK;
    if (start + size > archive.length)
      throw new UserError(`${where}: expected ${size} bytes of ${path}, found ${archive.length - start}`);
    if (type === 'File' || type === 'OldFile') files.set(path!, archive.subarray(start, start + size));
    offset = start + Math.ceil(size / BLOCK) * BLOCK;
  }
  return files;
}

/** Undefined where a number in the header is none. */
function readHeader(archive: Buffer, offset: number): Header | undefined {
  try {
    return new Header(archive, offset);
  } catch {
    return undefined;
  }
}
