import { LibraryError } from '../errors.ts';

/** Facts in a shared library's headers that a dynamic loader uses. */
export interface BinaryHeaders {
  format: 'ELF' | 'Mach-O' | 'PE';
  /** Node's name of the library's machine, or the format's number if Node has no name for it. */
  architecture: string;
  /** Size in bytes that the headers describe; a shorter file is truncated. */
  describedBytes: number;
  /** Libraries that it needs, as written. */
  needed: readonly string[];
  /** Folders to search for them, as written (`$ORIGIN/../nvidia/…`). */
  searchPaths: readonly string[];
}

/** Reads at positions of an open file. A read past its end throws a LibraryError `damaged`. */
export interface BinaryReader {
  readonly path: string;
  readonly fileBytes: number;
  read(offset: number, length: number): Buffer;
}

/** Reads a 64-bit unsigned field as a number. No real header exceeds the safe range. */
export function readUint64(buffer: Buffer, offset: number): number {
  return Number(buffer.readBigUInt64LE(offset));
}

/** Reads a zero-terminated string at `offset`, at most `limit` bytes. */
export function readString(reader: BinaryReader, offset: number, limit = 1 << 16): string {
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
