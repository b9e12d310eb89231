import type { DemoSource } from '../messages.ts';

/** Larger weights than these fit into no page. */
const MAX_BYTES = 2 ** 31 - 1;

/**
 * Bytes at an address.
 * @param say takes the progress, for what is large
 * @throws Error in one line where they cannot be had
 */
export async function fetchBytes(
  address: string,
  what: string,
  headers: DemoSource['headers'] = {},
  say?: (part: string) => void,
): Promise<Uint8Array> {
  const response = await fetch(address, { headers }).catch(() => undefined);
  if (response === undefined) throw new Error(`${what}: the server does not answer`);
  if (!response.ok) throw new Error(`${what}: ${await refusalOf(response)}`);
  const total = Number(response.headers.get('content-length') ?? 0);
  if (total > MAX_BYTES) throw new Error(`${what}: expected at most 2 GiB, found ${total} bytes`);
  if (response.body === null || say === undefined || total < 2 ** 20)
    return new Uint8Array(await response.arrayBuffer());
  return readWithProgress(response.body.getReader(), total, say);
}

async function readWithProgress(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  total: number,
  say: (part: string) => void,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    length += value.length;
    say(`${(length / 2 ** 20).toFixed(0)} of ${(Math.max(total, length) / 2 ** 20).toFixed(0)} MB`);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

async function refusalOf(response: Response): Promise<string> {
  const answer: unknown = await response.json().catch(() => undefined);
  const error = (answer as { readonly error?: unknown } | undefined)?.error;
  return typeof error === 'string' ? error : `refused with status ${response.status}`;
}
