/** The few protocol-buffer messages that TensorFlow's C API takes as bytes, written by hand: https://protobuf.dev/programming-guides/encoding */
export type Message = readonly Uint8Array[];

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return bytes;
}

/** An integer, enum or boolean field. */
export function integerField(field: number, value: number | boolean): Uint8Array {
  const number = Number(value);
  return Uint8Array.from([...varint(field << 3), ...(number < 0 ? negativeVarint(number) : varint(number))]);
}

/** Two's complement in 64 bits: always ten bytes. */
function negativeVarint(value: number): number[] {
  const bits = BigInt.asUintN(64, BigInt(value));
  return Array.from({ length: 10 }, (_, index) => Number((bits >> BigInt(7 * index)) & 0x7fn) | (index < 9 ? 0x80 : 0));
}

export function floatField(field: number, value: number): Uint8Array {
  return Buffer.concat([Uint8Array.from(varint((field << 3) | 5)), new Uint8Array(Float32Array.of(value).buffer)]);
}

export function bytesField(field: number, value: Uint8Array | string): Uint8Array {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  return Buffer.concat([Uint8Array.from([...varint((field << 3) | 2), ...varint(bytes.length)]), bytes]);
}

export function messageField(field: number, fields: Message): Uint8Array {
  return bytesField(field, Buffer.concat(fields));
}
