import type { WrittenFile } from './write-file.ts';

export interface UnpackOptions {
  /** An existing folder for the files. */
  folder: string;
  /** Maps an entry's name to its path below `folder`; undefined leaves the entry out. */
  select: (name: string) => string | undefined;
  /** Called with the progress; `totalBytes` is absent where the archive does not tell it. */
  onProgress?: (doneBytes: number, totalBytes?: number) => void;
  signal?: AbortSignal | undefined;
}

export interface Unpacked extends WrittenFile {
  /** Name in the archive. */
  name: string;
  /** Path below `folder`. */
  path: string;
}
