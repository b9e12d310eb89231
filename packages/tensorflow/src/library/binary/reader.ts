import { LibraryError } from '../errors.ts';

/** What a dynamic loader would learn from a shared library's headers. */
export interface BinaryHeaders {
  format: 'ELF' | 'Mach-O' | 'PE';
  /** Node's name of the machine it is for, or the format's own number where Node has none. */
  architecture: string;
  /** The bytes that its headers describe; a shorter file is truncated. */
  describedBytes: number;
  /** Libraries it asks the loader for, as written. */
  needed: readonly string[];
  /** Folders it asks the loader to search, as written (`$ORIGIN/../nvidia/…`). */
  searchPaths: readonly string[];
}

/** Positioned reads from an open file; a read past its end is a `damaged` LibraryError. */
export interface BinaryReader {
  readonly path: string;
  readonly fileBytes: number;
  read(offset: number, length: number): Buffer;
}

/** A 64-bit unsigned field as a number; no real header exceeds the safe range. */
export function readUint64(buffer: Buffer, offset: number): number {
  return Number(buffer.readBigUInt64LE(offset));
}

/** A zero-terminated string from `offset` on, at most `limit` bytes of it. */
export function readString(reader: BinaryReader, offset: number, limit = 1 << 20): string {
  const parts: Buffer[] = [];
  for (let position = offset; position < offset + limit && position < reader.fileBytes; position += 4096) {
    const part = reader.read(position, Math.min(4096, reader.fileBytes - position));
    const end = part.indexOf(0);
    if (end >= 0) return Buffer.concat([...parts, part.subarray(0, end)]).toString('utf8');
    parts.push(part);
  }
  throw damaged(reader, 'a name in its headers has no end');
}

export function damaged(reader: BinaryReader, what: string): LibraryError {
  return new LibraryError('damaged', `${reader.path} is damaged: ${what}`);
}
