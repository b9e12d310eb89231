import { LibraryError } from '../errors.ts';
import { formatBytes } from './disk.ts';
import { writeFileFrom, type WrittenFile } from './write-file.ts';

const MAXIMUM_ARCHIVE_BYTES = 8e9;
const STALL_IN_MS = 60_000;

interface FetchOptions {
  /** Default: 8 GB. */
  maximumBytes?: number;
  /** Called with the size that the server announces, before the bytes are written. */
  onSize?: (bytes: number | undefined) => Promise<void>;
  onProgress?: (doneBytes: number, totalBytes?: number) => void;
  signal?: AbortSignal | undefined;
}

/**
 * Downloads `address` to a new file at `path`.
 *
 * @throws LibraryError `bad-argument`, `no-network` or `download-failed` (with the status, or the bytes received)
 */
export async function fetchArchive(address: string, path: string, options: FetchOptions): Promise<WrittenFile> {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:')
    throw new LibraryError(
      'bad-argument',
      `the archive's address must be an http(s) URL, got ${JSON.stringify(address)}`,
    );
  if (url.username !== '' || url.password !== '')
    throw new LibraryError('bad-argument', "the archive's address must not hold a user name or password");

  const stall = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stall.signal]) : stall.signal;
  const timer = setTimeout(() => {
    stall.abort();
  }, STALL_IN_MS);
  const { maximumBytes = MAXIMUM_ARCHIVE_BYTES } = options;
  let doneBytes = 0;
  let totalBytes: number | undefined;
  try {
    const response = await connect(url, signal);
    totalBytes = Number(response.headers.get('content-length')) || undefined;
    if ((totalBytes ?? 0) > maximumBytes)
      throw new LibraryError(
        'download-failed',
        `${address} announces ${formatBytes(totalBytes!)}, more than ${formatBytes(maximumBytes)}`,
      );
    await options.onSize?.(totalBytes);
    const onBytes = (bytes: number) => {
      timer.refresh();
      doneBytes += bytes;
      if (doneBytes > maximumBytes) throw new LibraryError('download-failed', `${address} does not end`);
      options.onProgress?.(doneBytes, totalBytes);
    };
    return await writeFileFrom(response.body as AsyncIterable<Uint8Array>, path, { onBytes, signal });
  } catch (error) {
    options.signal?.throwIfAborted();
    if (error instanceof LibraryError || (error as NodeJS.ErrnoException).syscall === 'write') throw error;
    const came = `after ${formatBytes(doneBytes)}${totalBytes === undefined ? '' : ` of ${formatBytes(totalBytes)}`}`;
    const why = stall.signal.aborted ? `no data for ${STALL_IN_MS / 1000} s` : 'the connection was cut';
    throw new LibraryError('download-failed', `downloading ${address} failed: ${why} ${came}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

async function connect(url: URL, signal: AbortSignal): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { signal });
  } catch (error) {
    if (signal.aborted) throw error;
    const { cause } = error as { cause?: NodeJS.ErrnoException };
    throw new LibraryError(
      'no-network',
      `cannot download ${url.href}: ${cause?.code ?? cause?.message ?? 'no connection'}`,
      {
        cause: error,
      },
    );
  }
  if (!response.ok) {
    await response.body?.cancel();
    throw new LibraryError(
      'download-failed',
      `cannot download ${url.href}: the server answers ${response.status} ${response.statusText}`.trimEnd(),
    );
  }
  return response;
}
