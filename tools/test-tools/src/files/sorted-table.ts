/** Key and value of a sorted string table. */
export type TableEntry = readonly [key: Buffer, value: Buffer];

/** Variable-length integer of a protocol buffer. */
export function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    bytes.push((rest % 128) + (rest >= 128 ? 128 : 0));
    if (rest < 128) return Buffer.from(bytes);
  }
}

function block(entries: readonly TableEntry[]): Buffer {
  let previous = Buffer.alloc(0);
  const parts = entries.map(([key, value]) => {
    let shared = 0;
    while (shared < Math.min(key.length, previous.length) && key[shared] === previous[shared]) shared++;
    previous = Buffer.from(key);
    const lengths = [shared, key.length - shared, value.length].map(varint);
    return Buffer.concat([...lengths, key.subarray(shared), value]);
  });
  // One restart point, at offset 0.
  return Buffer.concat([...parts, Buffer.from('0000000001000000', 'hex')]);
}

/**
 * An uncompressed sorted string table, as in the `.index` of TensorFlow's checkpoints, with one block of data.
 * @param entries in the order of their keys
 * @param checksum masked CRC-32C
 * @param handles number of times that the index names the block. Default 1
 */
export function sortedTable(
  entries: readonly TableEntry[],
  checksum: (bytes: Uint8Array) => number,
  handles = 1,
): Buffer {
  const whole = (content: Buffer): Buffer => {
    const bytes = Buffer.concat([content, Buffer.alloc(5)]);
    bytes.writeUInt32LE(checksum(bytes.subarray(0, content.length + 1)), content.length + 1);
    return bytes;
  };
  const data = block(entries);
  const dataHandle = Buffer.concat([varint(0), varint(data.length)]);
  const index = block(
    Array.from({ length: handles }, (_, name): TableEntry => [Buffer.from(String(name)), dataHandle]),
  );
  const footer = Buffer.alloc(48);
  const places = [0, 0, data.length + 5, index.length].map(varint);
  Buffer.concat(places).copy(footer);
  footer.writeBigUInt64LE(0xdb4775248b80fb57n, 40);
  return Buffer.concat([whole(data), whole(index), footer]);
}
