import { maskedCrc32c } from '@motley/run';
import { readVarint } from './protobuf-reader.ts';

/** The last bytes of a table, 0xdb4775248b80fb57 little-endian. */
const MAGIC = 0xdb4775248b80fb57n;
const FOOTER_LENGTH = 48;
/** After a block: how it is compressed, and the checksum of both. */
const TRAILER_LENGTH = 5;

/**
 * The keys and values of a sorted string table as LevelDB writes it
 * (https://github.com/google/leveldb/blob/main/doc/table_format.md), without compression.
 * @throws RangeError saying what is damaged
 */
export function* readSortedTable(bytes: Uint8Array): Generator<readonly [key: string, value: Uint8Array], void> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < FOOTER_LENGTH || view.getBigUint64(bytes.length - 8, true) !== MAGIC)
    throw new RangeError('no table of tensors');
  const { end } = readHandle(bytes, bytes.length - FOOTER_LENGTH); // of the meta-index, which says nothing of values
  const { block: index } = readHandle(bytes, end);
  for (const [, handle] of entriesOf(blockOf(bytes, index))) {
    for (const [key, value] of entriesOf(blockOf(bytes, readHandle(handle, 0).block)))
      yield [new TextDecoder().decode(key), value];
  }
}

interface BlockHandle {
  readonly offset: number;
  readonly size: number;
}

function readHandle(bytes: Uint8Array, start: number): { readonly block: BlockHandle; readonly end: number } {
  const offset = readVarint(bytes, start);
  const size = readVarint(bytes, offset.end);
  return { block: { offset: Number(offset.value), size: Number(size.value) }, end: size.end };
}

function blockOf(bytes: Uint8Array, { offset, size }: BlockHandle): Uint8Array {
  const end = offset + size + TRAILER_LENGTH;
  if (end > bytes.length) throw new RangeError('a block beyond its end');
  const trailer = new DataView(bytes.buffer, bytes.byteOffset + offset + size, TRAILER_LENGTH);
  if (trailer.getUint8(0) !== 0) throw new RangeError('a compressed block');
  if (trailer.getUint32(1, true) !== maskedCrc32c(bytes.subarray(offset, offset + size + 1)))
    throw new RangeError('a block with another checksum');
  return bytes.subarray(offset, offset + size);
}

/** Each key has a part in common with the one before, which is not written again. */
function* entriesOf(block: Uint8Array): Generator<readonly [key: Uint8Array, value: Uint8Array], void> {
  if (block.length < 4) throw new RangeError('a block without an end');
  const restarts = new DataView(block.buffer, block.byteOffset + block.length - 4, 4).getUint32(0, true);
  const end = block.length - 4 * (restarts + 1);
  let position = 0;
  let key = new Uint8Array(0);
  while (position < end) {
    const lengths: number[] = [];
    for (let count = 0; count < 3; count++) {
      const { value, end: next } = readVarint(block, position);
      lengths.push(Number(value));
      position = next;
    }
    const [shared, own, valueLength] = lengths as [number, number, number];
    if (shared > key.length || position + own + valueLength > end) throw new RangeError('an entry beyond its block');
    const next = new Uint8Array(shared + own);
    next.set(key.subarray(0, shared));
    next.set(block.subarray(position, position + own), shared);
    key = next;
    position += own + valueLength;
    yield [key, block.subarray(position - valueLength, position)];
  }
}
