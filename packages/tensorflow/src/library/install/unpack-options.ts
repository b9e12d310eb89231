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
