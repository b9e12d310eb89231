import { mkdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ensureFree, formatBytes } from './disk.ts';
import type { InstallListener } from './events.ts';
import { fetchArchive } from './fetch-archive.ts';
import type { Unpacked } from './unpack-options.ts';
import { unpackArchive } from './unpack.ts';

interface ArchiveSource {
  address: string;
  /** The cache folder, for its free space and for messages. */
  cache: string;
  onEvent?: InstallListener | undefined;
  signal?: AbortSignal | undefined;
}

/** Approximate ratio of unpacked bytes to bytes of the official archives. */
const UNPACKED_RATIO = 3.2;

/** Downloads a C library archive and unpacks its libraries and licenses into `folder/tensorflow`. */
export async function downloadArchive(source: ArchiveSource, folder: string, temporary: string): Promise<Unpacked[]> {
  await mkdir(temporary, { recursive: true });
  const path = join(temporary, 'archive');
  await fetchArchive(source.address, path, {
    signal: source.signal,
    onSize: async (bytes) => {
      const sizes = bytes ? `, ${formatBytes(bytes)}, unpacks to about ${formatBytes(bytes * UNPACKED_RATIO)}` : '';
      source.onEvent?.({ kind: 'message', text: `downloading ${source.address}${sizes}, to ${source.cache}` });
      if (bytes) await ensureFree(source.cache, bytes * (1 + UNPACKED_RATIO), `installing ${basename(source.address)}`);
    },
    onProgress: (doneBytes, totalBytes) =>
      source.onEvent?.({ kind: 'progress', phase: 'download', doneBytes, ...(totalBytes && { totalBytes }) }),
  });
  const files = await unpackArchive(path, {
    folder,
    select: selectFromArchive,
    signal: source.signal,
    onProgress: (doneBytes, totalBytes) =>
      source.onEvent?.({ kind: 'progress', phase: 'unpack', doneBytes, ...(totalBytes && { totalBytes }) }),
  });
  await rm(path);
  return files;
}

/**
 * Path of an archive's file below the install folder. `lib/libtensorflow.so.2.18.0` becomes
 * `tensorflow/libtensorflow.so.2`, the name by which the libraries load each other, and which is a link in the archive.
 */
export function selectFromArchive(name: string): string | undefined {
  const file = name.replace(/^lib\//, '');
  if (file !== name) {
    const [, stem] =
      /^(libtensorflow(?:_framework)?)(?:\.so(?:\.2)?(?:\.\d+)*|(?:\.2)?(?:\.\d+)*\.dylib)$/.exec(file) ?? [];
    if (stem !== undefined) return `tensorflow/${stem}${file.endsWith('.dylib') ? '.2.dylib' : '.so.2'}`;
    return file === 'tensorflow.dll' ? 'tensorflow/tensorflow.dll' : undefined;
  }
  return /^(?:LICENSE|THIRD_PARTY_TF_C_LICENSES)$/.test(name) ? `tensorflow/${name}` : undefined;
}
