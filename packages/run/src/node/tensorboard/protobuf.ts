/** The few wire types of protocol buffers that the logs' formats need; each call gives one encoded field. */

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  // Division, as steps may pass the 32 bits of JavaScript's shifts.
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return Uint8Array.of(...bytes, rest);
}

const tag = (field: number, wireType: number): Uint8Array => varint(field * 8 + wireType);

/** int32, int64, uint64, bool or enum; not negative. */
export function varintField(field: number, value: number): Uint8Array {
  return Buffer.concat([tag(field, 0), varint(value)]);
}

export function doubleField(field: number, value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return Buffer.concat([tag(field, 1), bytes]);
}

export function floatField(field: number, value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([tag(field, 5), bytes]);
}

/** A string, bytes, or a message given as its fields. */
export function bytesField(field: number, value: string | Uint8Array | readonly Uint8Array[]): Uint8Array {
  const bytes =
    typeof value === 'string' ? Buffer.from(value) : value instanceof Uint8Array ? value : Buffer.concat(value);
  return Buffer.concat([tag(field, 2), varint(bytes.length), bytes]);
}

/** A message's fields in order: numbers of varints, bytes of strings and messages; fixed-size values are left out. */
export function readFields(message: Uint8Array): { readonly field: number; readonly value: number | Uint8Array }[] {
  const fields: { field: number; value: number | Uint8Array }[] = [];
  let position = 0;
  const readVarint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = message[position++];
      if (byte === undefined) throw new RangeError('protocol buffer: a field goes on after the end');
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  const take = (length: number): Uint8Array => {
    position += length;
    if (position > message.length) throw new RangeError('protocol buffer: a field goes on after the end');
    return message.subarray(position - length, position);
  };
  while (position < message.length) {
    const key = readVarint();
    const wireType = key % 8;
    const field = Math.floor(key / 8);
    if (wireType === 0) fields.push({ field, value: readVarint() });
    else if (wireType === 2) fields.push({ field, value: take(readVarint()) });
    else if (wireType === 1 || wireType === 5) take(wireType === 1 ? 8 : 4);
    else throw new RangeError(`protocol buffer: unknown wire type ${wireType}`);
  }
  return fields;
}
