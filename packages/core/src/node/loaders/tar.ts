import { UserError } from '@motley/run';
import { Header } from 'tar/header';

const BLOCK = 512;

/**
 * Maps names to contents for the regular files of a tar archive. Links are skipped. Names are unchecked: only look them
 * up, never write to them. Contents are views of the archive, not copies.
 * @param where the archive's name, for messages
 * @throws UserError if a header is damaged or a file extends beyond the archive
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

/** Parses a number of the header. Undefined if invalid. */
function readHeader(archive: Buffer, offset: number): Header | undefined {
  try {
    return new Header(archive, offset);
  } catch {
    return undefined;
  }
}
