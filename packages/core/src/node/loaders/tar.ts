import { UserError } from '@motley/run';

const BLOCK = 512;

/**
 * The regular files of a tar archive by their names, which may be anything: for looking up, not for writing. Their bytes
 * are the archive's own.
 * @param where names the archive, for messages
 * @throws UserError where a header is damaged or a file ends after the archive
 */
export function tarFiles(archive: Uint8Array, where: string): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (let offset = 0; offset + BLOCK <= archive.length;) {
    const header = archive.subarray(offset, offset + BLOCK);
    if (header.every((byte) => byte === 0)) break;
    const size = parseInt(textOf(header, 124, 12).trim(), 8);
    const start = offset + BLOCK;
    if (checksumOf(header) !== parseInt(textOf(header, 148, 8).trim(), 8) || !(size >= 0))
      throw new UserError(`${where}: expected a tar archive, found a damaged header at byte ${offset}`);
    if (start + size > archive.length)
      throw new UserError(
        `${where}: expected ${size} bytes of ${textOf(header, 0, 100)}, found ${archive.length - start}`,
      );
    const kind = header[156]!;
    if (kind === 0 || kind === '0'.charCodeAt(0))
      files.set(textOf(header, 0, 100), archive.subarray(start, start + size));
    offset = start + Math.ceil(size / BLOCK) * BLOCK;
  }
  return files;
}

/** Up to the first zero. */
function textOf(header: Uint8Array, from: number, length: number): string {
  const field = header.subarray(from, from + length);
  const end = field.indexOf(0);
  return Buffer.from(end < 0 ? field : field.subarray(0, end)).toString('utf8');
}

/** The sum of the header's bytes, its own field counting as spaces. */
function checksumOf(header: Uint8Array): number {
  return header.reduce((sum, byte, index) => sum + (index >= 148 && index < 156 ? 0x20 : byte), 0);
}
