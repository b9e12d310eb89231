import { basename } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { UserError } from '@motley/run';
import { readUserFile, reasonOf } from '@motley/run/node';
import { parseIdx, type IdxArray } from '../../data/idx.ts';

/** Ten times the size of MNIST's training images. */
const DEFAULT_MAX_BYTES = 500_000_000;

/**
 * Reads an idx file of unsigned bytes (MNIST, Fashion-MNIST, EMNIST). A name ending with `.gz` means gzipped.
 * @param maxBytes size limit of the file and of its unpacked content
 * @throws UserError naming the file, the expected content and the content found
 */
export async function loadIdx(path: string, maxBytes = DEFAULT_MAX_BYTES): Promise<IdxArray> {
  const stored = await readUserFile(path, 'an idx file', maxBytes);
  return parseIdx(path.endsWith('.gz') ? await unzip(stored, path, maxBytes) : stored, path);
}

async function unzip(bytes: Uint8Array, path: string, maxBytes: number): Promise<Uint8Array> {
  try {
    return await promisify(gunzip)(bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    const isTooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw new UserError(
      `${path}: expected gzip of ${basename(path, '.gz')}${isTooLarge ? ` of at most ${maxBytes} bytes, found more` : `, found: ${reasonOf(error)}`}`,
      { cause: error },
    );
  }
}
