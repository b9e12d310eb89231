import { UserError } from '@motley/run';
import { begins } from './wav.ts';

/** One page of an Ogg file (RFC 3533, section 6). */
export interface OggPage {
  /** Header and packets. */
  readonly bytes: Uint8Array;
  /** Packets alone. */
  readonly body: Uint8Array;
  /** Number of segments, which no page has more packets than. */
  readonly segmentCount: number;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  /** Samples per channel up to the last packet that ends on this page; -1 where none ends. */
  readonly granule: number;
}

const HEADER_LENGTH = 27;
const CHECKSUM_OFFSET = 22;
const CAPTURE_PATTERN = 0x4f676753; // OggS
const [FIRST, LAST] = [2, 4];

/**
 * Splits an Ogg file that holds one logical stream into pages, and verifies their checksums and numbers.
 * @param path the file's name, for messages
 * @throws UserError naming the byte of a page that is damaged, out of order, or of a second stream, and for a file that
 * ends before the stream
 */
export function oggPages(bytes: Uint8Array, path: string): OggPage[] {
  const pages: OggPage[] = [];
  let stream = { serial: 0, sequence: 0 };
  for (let offset = 0; offset < bytes.length;) {
    const length = pageLength(bytes, offset, path);
    const page = bytes.subarray(offset, offset + length);
    const view = new DataView(page.buffer, page.byteOffset, length);
    const found = { serial: view.getUint32(14, true), sequence: view.getUint32(18, true) };
    if (checksum(page) !== view.getUint32(CHECKSUM_OFFSET, true))
      throw new UserError(`${path}: byte ${offset}: expected an undamaged Ogg page, found a wrong checksum`);
    const isFirst = (page[5]! & FIRST) !== 0;
    if (isFirst !== (pages.length === 0) || (pages.length > 0 && found.serial !== stream.serial))
      throw new UserError(
        `${path}: byte ${offset}: expected one stream in the Ogg file, found ${isFirst ? 'the begin of another' : 'a page of another'}`,
      );
    const expected = (stream.sequence + 1) >>> 0;
    if (pages.length > 0 && found.sequence !== expected)
      throw new UserError(`${path}: byte ${offset}: expected Ogg page ${expected}, found page ${found.sequence}`);
    if (pages.at(-1)?.isLast === true)
      throw new UserError(`${path}: byte ${offset}: expected the end of the Ogg file, found a page after the last`);
    stream = found;
    pages.push({
      bytes: page,
      body: page.subarray(HEADER_LENGTH + page[26]!),
      segmentCount: page[26]!,
      isFirst,
      isLast: (page[5]! & LAST) !== 0,
      granule: Number(view.getBigInt64(6, true)),
    });
    offset += length;
  }
  if (pages.at(-1)?.isLast !== true)
    throw new UserError(
      `${path}: byte ${bytes.length}: expected the last page of the Ogg stream, found the end of the file`,
    );
  return pages;
}

/** Bytes of the page at an offset: a header, the lengths of its segments, and the segments. */
function pageLength(bytes: Uint8Array, offset: number, path: string): number {
  const rest = bytes.subarray(offset);
  const view = new DataView(rest.buffer, rest.byteOffset, rest.byteLength);
  if (rest.length >= 5 && (view.getUint32(0) !== CAPTURE_PATTERN || rest[4] !== 0))
    throw new UserError(
      `${path}: byte ${offset}: expected an Ogg page (OggS, version 0), found ${begins(rest, 'data')}`,
    );
  const segments = rest.subarray(HEADER_LENGTH, HEADER_LENGTH + (rest[26] ?? 0));
  const length = segments.reduce((sum, size) => sum + size, HEADER_LENGTH + (rest[26] ?? 0));
  if (rest.length < length)
    throw new UserError(
      `${path}: byte ${offset}: expected ${length} bytes of an Ogg page, found ${rest.length} before the end of the file`,
    );
  return length;
}

/** Remainders of bytes by the polynomial 0x04c11db7, highest bit first. */
const remainders = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte << 24;
  for (let bit = 0; bit < 8; bit++) remainder = (remainder << 1) ^ (remainder < 0 ? 0x04c11db7 : 0);
  return remainder;
});

/** Checksum of a page, whose own four bytes count as zeros. */
export function checksum(page: Uint8Array): number {
  let remainder = 0;
  for (let index = 0; index < page.length; index++) {
    const isOwn = index >= CHECKSUM_OFFSET && index < CHECKSUM_OFFSET + 4;
    remainder = (remainder << 8) ^ remainders[(remainder >>> 24) ^ (isOwn ? 0 : page[index]!)]!;
  }
  return remainder >>> 0;
}
