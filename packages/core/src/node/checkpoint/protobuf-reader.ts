/** A field of a message (https://protobuf.dev/programming-guides/encoding/): a number, or the bytes of a longer value. */
export interface ProtobufField {
  readonly number: number;
  readonly value: bigint | Uint8Array;
}

/** A variable-length integer of at most 64 bits. @throws RangeError where it does not end */
export function readVarint(bytes: Uint8Array, start: number): { readonly value: bigint; readonly end: number } {
  let value = 0n;
  for (let index = 0; index < 10; index++) {
    const byte = bytes[start + index];
    if (byte === undefined) break;
    value |= BigInt(byte & 0x7f) << BigInt(7 * index);
    if (byte < 0x80) return { value: BigInt.asUintN(64, value), end: start + index + 1 };
  }
  throw new RangeError('an integer that does not end');
}

/** The fields of a message in their order. @throws RangeError where it is damaged */
export function readMessage(bytes: Uint8Array): ProtobufField[] {
  const fields: ProtobufField[] = [];
  let position = 0;
  const take = (length: number): Uint8Array => {
    if (position + length > bytes.length) throw new RangeError('a field that ends after its message');
    position += length;
    return bytes.subarray(position - length, position);
  };
  const varint = (): bigint => {
    const { value, end } = readVarint(bytes, position);
    position = end;
    return value;
  };
  const little = (raw: Uint8Array): bigint => raw.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  while (position < bytes.length) {
    const tag = Number(varint());
    const wireType = tag & 7;
    if (![0, 1, 2, 5].includes(wireType)) throw new RangeError(`a field of wire type ${wireType}`);
    const value =
      wireType === 0 ? varint() : wireType === 2 ? take(Number(varint())) : little(take(wireType === 1 ? 8 : 4));
    fields.push({ number: Math.floor(tag / 8), value });
  }
  return fields;
}
