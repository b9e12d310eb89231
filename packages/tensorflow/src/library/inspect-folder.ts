import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { verifyBinary } from './binary/verify.ts';
import { LibraryError } from './errors.ts';
import { LIBRARY_NAMES, type LibraryLocation } from './location.ts';

/** The record that `install` writes beside the files, by which later changes are found. */
export interface InstallRecord {
  /** Origin of the files: a wheel's file name or an archive's address. */
  origin: string;
  version: string;
  variant: LibraryVariant;
  installedAt: string;
  /** Paths are relative to the record's folder. */
  files: { path: string; bytes: number; sha256: string }[];
}

export type LibraryVariant = 'cpu' | 'gpu' | 'archive';

export const RECORD_NAME = 'installed.json';

/** The verified TensorFlow library directly inside `folder`; undefined where there is none. */
export function libraryIn(folder: string, source: LibraryLocation['source']): LibraryLocation | undefined {
  const library = LIBRARY_NAMES.libraries.map((name) => join(folder, name)).find((path) => existsSync(path));
  return library ? verifiedLibrary(library, source) : undefined;
}

/**
 * Verifies `library` and the framework library that it needs.
 *
 * @throws LibraryError `not-found`, `damaged`, `wrong-architecture` or `missing-framework`
 */
export function verifiedLibrary(library: string, source: LibraryLocation['source']): LibraryLocation {
  const folder = dirname(library);
  const { needed } = verifyBinary(library);
  const frameworkName = needed.map((path) => basename(path)).find((name) => name.startsWith('libtensorflow_framework'));
  if (frameworkName === undefined) return { source, folder, library };
  const framework = join(folder, frameworkName);
  if (!existsSync(framework))
    throw new LibraryError('missing-framework', `${library} needs ${frameworkName}, and ${folder} does not have it`);
  verifyBinary(framework);
  return { source, folder, library, framework };
}

/** Reads an install's record; undefined where there is no readable one. */
export function readRecord(folder: string): InstallRecord | undefined {
  try {
    const record: unknown = JSON.parse(readFileSync(join(folder, RECORD_NAME), 'utf8'));
    return isRecord(record) ? record : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is InstallRecord {
  if (typeof value !== 'object' || value === null || !('files' in value) || !Array.isArray(value.files)) return false;
  return (
    'version' in value &&
    typeof value.version === 'string' &&
    value.files.every(
      (file: unknown) =>
        typeof file === 'object' &&
        file !== null &&
        'path' in file &&
        typeof file.path === 'string' &&
        'bytes' in file &&
        typeof file.bytes === 'number',
    )
  );
}

/**
 * The library of a finished install. The sizes of its files are compared with the record.
 *
 * @throws LibraryError as `verifiedLibrary`, and `damaged` where a file is missing or has another size
 */
export function installedLibrary(folder: string): LibraryLocation {
  const record = readRecord(folder);
  if (!record) throw new LibraryError('damaged', `${folder} is damaged: its ${RECORD_NAME} is missing or unreadable`);
  for (const file of record.files) {
    const path = join(folder, file.path);
    const bytes = statSync(path, { throwIfNoEntry: false })?.size;
    if (bytes === undefined) throw new LibraryError('damaged', `${folder} is damaged: ${file.path} is gone`);
    if (bytes !== file.bytes)
      throw new LibraryError(
        'damaged',
        `${path} is damaged: ${file.bytes} bytes were installed, the file has ${bytes}`,
      );
  }
  const library = libraryIn(join(folder, 'tensorflow'), 'cache');
  if (!library) throw new LibraryError('damaged', `${folder} is damaged: it holds no TensorFlow library`);
  return library;
}
