const text = (value: string): Buffer => {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([Buffer.of(0x58), length, bytes]);
};

const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(5, 0x4a);
  bytes.writeInt32LE(value, 1);
  return bytes;
};

const code = (characters: string): Buffer => Buffer.from(characters, 'latin1');

/** Instructions of a pickle (protocol 2, as Python's pickletools names them). Each leaves one value on the stack. */
export const pickled = {
  text,
  int32,
  /** Instructions as their characters. */
  code,
  global: (module: string, name: string): Buffer => code(`c${module}\n${name}\n`),
  tuple: (...items: readonly Buffer[]): Buffer => Buffer.concat([code('('), ...items, code('t')]),
  list: (...items: readonly Buffer[]): Buffer => Buffer.concat([code(']('), ...items, code('e')]),
  dictionary: (...items: readonly Buffer[]): Buffer => Buffer.concat([code('}('), ...items, code('u')]),
  call: (callee: Buffer, given: Buffer): Buffer => Buffer.concat([callee, given, code('R')]),
  /** A tensor as a view of a float32 storage. */
  tensor: (key: string, length: number, shape: readonly number[], strides: readonly number[]): Buffer => {
    const kind = pickled.global('torch', 'FloatStorage');
    const id = pickled.tuple(text('storage'), kind, text(key), text('cpu'), int32(length));
    const sizes = (values: readonly number[]) => pickled.tuple(...values.map(int32));
    const given = [Buffer.concat([id, code('Q')]), int32(0), sizes(shape), sizes(strides), code('\u0089')];
    return pickled.call(pickled.global('torch._utils', '_rebuild_tensor_v2'), pickled.tuple(...given));
  },
};

/** A whole pickle that leaves one value. */
export function pickle(...parts: readonly Buffer[]): Buffer {
  return Buffer.concat([code('\u0080\u0002'), ...parts, code('.')]);
}

/**
 * A file in PyTorch's format before 1.6.
 * @param body pickle of the contents
 * @param storages values of each float32 storage by key
 */
export function legacyTorchFile(body: Buffer, storages: Readonly<Record<string, readonly number[]>> = {}): Buffer {
  const number = Buffer.concat([code('\u008a\u000a'), Buffer.from('6cfc9c46f9206aa85019', 'hex')]);
  const machine = pickled.dictionary(text('little_endian'), code('\u0088'));
  const contents = Object.values(storages).map((values) => {
    const bytes = Buffer.alloc(8 + 4 * values.length);
    bytes.writeBigUInt64LE(BigInt(values.length));
    for (const [index, value] of values.entries()) bytes.writeFloatLE(value, 8 + 4 * index);
    return bytes;
  });
  const keys = pickle(pickled.list(...Object.keys(storages).map(text)));
  return Buffer.concat([pickle(number), pickle(code('M\u00e9\u0003')), pickle(machine), body, keys, ...contents]);
}
