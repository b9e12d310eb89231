import { sizeOf, UserError } from '@motley/run';

/** Array of unsigned bytes, row-major. */
export interface IdxArray {
  readonly shape: readonly number[];
  readonly values: Uint8Array;
}

/**
 * Parses the IDX format of the MNIST files (http://yann.lecun.com/exdb/mnist): two zero bytes, the type (8: unsigned
 * byte), the rank, each size as a big-endian uint32, then the values. The values are a view of `bytes`.
 * @param name file name, for messages
 * @throws UserError naming the file, what was expected and what was found
 */
export function parseIdx(bytes: Uint8Array, name: string): IdxArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const rank = bytes[3] ?? 0;
  if (bytes.length < 4 || view.getUint16(0) !== 0 || bytes[2] !== 8 || rank === 0) {
    const found = [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    throw new UserError(
      `${name}: expected an idx file of unsigned bytes (00 00 08 rank), found ${found || 'an empty file'}`,
    );
  }
  const headerLength = 4 + 4 * rank;
  if (bytes.length < headerLength) {
    throw new UserError(`${name}: expected a header of ${headerLength} bytes, found a file of ${bytes.length}`);
  }
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const size = sizeOf(shape);
  if (bytes.length !== headerLength + size) {
    throw new UserError(
      `${name}: expected ${headerLength + size} bytes for shape [${shape.join(', ')}], found ${bytes.length}`,
    );
  }
  return { shape, values: bytes.subarray(headerLength) };
}
