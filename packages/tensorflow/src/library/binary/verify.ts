import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { LibraryError } from '../errors.ts';
import { readElf } from './elf.ts';
import { readMachO } from './mach-o.ts';
import { readPortableExecutable } from './portable-executable.ts';
import { damaged, type BinaryHeaders, type BinaryReader } from './reader.ts';

/** The process that would load a library. It is a parameter so that one platform can test the rules of all. */
export interface Host {
  platform: string;
  arch: string;
}

const FORMATS: Record<string, BinaryHeaders['format']> = { linux: 'ELF', darwin: 'Mach-O', win32: 'PE' };
const FORMAT_NAMES = { ELF: 'Linux', 'Mach-O': 'macOS', PE: 'Windows' };

/**
 * Checks by its headers that `path` is a whole shared library for this process, without executing any of it. The loader
 * must not get a truncated library: it maps the file, and the process dies of SIGBUS at the first missing page.
 *
 * @returns the contents of its headers
 * @throws LibraryError `not-found`, `damaged` or `wrong-architecture`
 */
export function verifyBinary(path: string, host: Host = process): BinaryHeaders {
  const headers = readHeaders(path, host);
  const format = FORMATS[host.platform];
  if (headers.format === format && headers.architecture === host.arch) return headers;
  const found = `${FORMAT_NAMES[headers.format]} on ${headers.architecture}`;
  const expected = `${format ? FORMAT_NAMES[format] : host.platform} on ${host.arch}`;
  throw new LibraryError('wrong-architecture', `${path} is for ${found}, this process is ${expected}`);
}

function readHeaders(path: string, host: Host): BinaryHeaders {
  const file = open(path);
  try {
    const reader = fileReader(path, file);
    const headers = parse(reader, host);
    if (headers.describedBytes > reader.fileBytes)
      throw damaged(
        reader,
        `its headers describe ${headers.describedBytes} bytes, the file has ${reader.fileBytes} (truncated)`,
      );
    return headers;
  } finally {
    closeSync(file);
  }
}

function open(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new LibraryError(
      'not-found',
      `cannot open ${path}: ${code === 'ENOENT' ? 'no such file' : (code ?? 'unknown')}`,
      {
        cause: error,
      },
    );
  }
}

function fileReader(path: string, file: number): BinaryReader {
  const stats = fstatSync(file);
  if (!stats.isFile()) throw new LibraryError('damaged', `${path} is not a file`);
  return {
    path,
    fileBytes: stats.size,
    read(offset, length) {
      if (offset + length > stats.size)
        throw damaged(this, `its headers need ${offset + length} bytes, the file has ${stats.size} (truncated)`);
      const buffer = Buffer.alloc(length);
      const count = length === 0 ? 0 : readSync(file, buffer, 0, length, offset);
      if (count !== length) throw damaged(this, `${length} bytes expected at ${offset}, ${count} read`);
      return buffer;
    },
  };
}

function parse(reader: BinaryReader, host: Host): BinaryHeaders {
  if (reader.fileBytes === 0) throw damaged(reader, 'it is empty');
  const start = reader.read(0, Math.min(4, reader.fileBytes));
  const magic = start.length === 4 ? start.readUInt32BE(0) : 0;
  if (magic === 0x7f454c46) return readElf(reader);
  if (magic === 0xcffaedfe || magic === 0xcafebabe) return readMachO(reader, host.arch);
  if (magic >>> 16 === 0x4d5a) return readPortableExecutable(reader);
  throw damaged(reader, `it is no shared library (it begins with ${JSON.stringify(start.toString('latin1'))})`);
}
