import { isUtf8 } from 'node:buffer';
import { UserError } from '../config/errors.ts';

const REPLACEMENT = '\uFFFD';
const ENCODED_REPLACEMENT = Buffer.from(REPLACEMENT);

/**
 * Decodes UTF-8 without a leading byte order mark.
 * @throws UserError naming the file and the offset of the first invalid byte, from 0
 */
export function decodeUtf8(bytes: Uint8Array, path: string): string {
  const buffer = asBuffer(bytes);
  check(buffer, path, 0);
  return new TextDecoder().decode(buffer);
}

/**
 * Decodes a UTF-8 file that arrives in chunks.
 * @throws UserError like `decodeUtf8`
 */
export async function* decodeUtf8Stream(chunks: AsyncIterable<Uint8Array>, path: string): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let offset = 0;
  let carried = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = Buffer.concat([carried, chunk]);
    const end = bytes.length - unfinishedLength(bytes);
    check(bytes.subarray(0, end), path, offset);
    yield decoder.decode(bytes.subarray(0, end), { stream: true });
    carried = bytes.subarray(end);
    offset += end;
  }
  check(carried, path, offset);
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Number of bytes at the end that begin an unfinished character. */
function unfinishedLength(bytes: Buffer): number {
  for (let length = 1; length <= Math.min(3, bytes.length); length++) {
    const byte = bytes[bytes.length - length]!;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return length < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? length : 0;
  }
  return 0;
}

function check(bytes: Buffer, path: string, firstOffset: number): void {
  if (isUtf8(bytes)) return;
  if (firstOffset === 0 && bytes.length > 1 && ['fffe', 'feff'].includes(bytes.toString('hex', 0, 2)))
    throw new UserError(`${path}: byte 0: expected UTF-8, found the byte order mark of UTF-16`);
  const wrong = firstInvalid(bytes);
  const byte = bytes[wrong]!.toString(16).padStart(2, '0');
  throw new UserError(`${path}: byte ${firstOffset + wrong}: expected UTF-8, found 0x${byte}`);
}

/**
 * Offset of the first invalid byte. A decoder writes U+FFFD for it; the first U+FFFD that the bytes do not encode marks
 * the place.
 */
function firstInvalid(bytes: Buffer): number {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  let offset = 0;
  let from = 0;
  for (;;) {
    const position = text.indexOf(REPLACEMENT, from);
    offset += Buffer.byteLength(text.slice(from, position));
    const spelt = bytes.subarray(offset, offset + ENCODED_REPLACEMENT.length);
    if (!ENCODED_REPLACEMENT.equals(spelt)) return offset;
    offset += ENCODED_REPLACEMENT.length;
    from = position + 1;
  }
}
