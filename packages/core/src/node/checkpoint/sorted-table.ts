import { type Budget, maskedCrc32c } from '@motley/run';
import { StrictReader } from '@motley/run/node';

/** Last bytes of a table: the magic number 0xdb4775248b80fb57, little-endian. */
const MAGIC = 0xdb4775248b80fb57n;
const FOOTER_LENGTH = 48;
/** Trailer of a block: one byte for its compression, then the checksum of the block and that byte. */
const TRAILER_LENGTH = 5;

/**
 * Reads the keys and values of an uncompressed LevelDB sorted string table
 * (https://github.com/google/leveldb/blob/main/doc/table_format.md).
 * @throws RangeError saying what is damaged
 * @throws UserError where blocks and keys repeat far beyond the size of the table
 */
export function* readSortedTable(
  bytes: Uint8Array,
  budget: Budget,
): Generator<readonly [key: string, value: Uint8Array], void> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < FOOTER_LENGTH || view.getBigUint64(bytes.length - 8, true) !== MAGIC)
    throw new RangeError('no table of tensors');
  const footer = new StrictReader(bytes.subarray(-FOOTER_LENGTH));
  readHandle(footer); // Skips the meta-index, which has no values.
  for (const [, handle] of entriesOf(blockOf(bytes, readHandle(footer)), budget)) {
    const block = blockOf(bytes, readHandle(new StrictReader(handle)));
    // Several handles may name one block.
    budget.step(block.length);
    for (const [key, value] of entriesOf(block, budget)) yield [new TextDecoder().decode(key), value];
  }
}

interface BlockHandle {
  readonly offset: number;
  readonly size: number;
}

function readHandle(reader: StrictReader): BlockHandle {
  return { offset: reader.readVarint(), size: reader.readVarint() };
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

/** Decodes the entries of a block. Each key omits the prefix that it shares with the previous key. */
function* entriesOf(block: Uint8Array, budget: Budget): Generator<readonly [key: Uint8Array, value: Uint8Array], void> {
  if (block.length < 4) throw new RangeError('a block without an end');
  const restarts = new DataView(block.buffer, block.byteOffset + block.length - 4, 4).getUint32(0, true);
  const end = block.length - 4 * (restarts + 1);
  const reader = new StrictReader(block);
  let key = new Uint8Array(0);
  while (reader.pos < end) {
    const shared = reader.readVarint();
    const own = reader.readVarint();
    const valueLength = reader.readVarint();
    const start = reader.pos;
    if (shared > key.length || start + own + valueLength > end) throw new RangeError('an entry beyond its block');
    budget.hold(shared + own);
    const next = new Uint8Array(shared + own);
    next.set(key.subarray(0, shared));
    next.set(block.subarray(start, start + own), shared);
    key = next;
    reader.pos = start + own + valueLength;
    yield [key, block.subarray(start + own, reader.pos)];
  }
}
