/** What a graph needs to know of an operation's signature: which of its arguments are lists, and how long. */
export interface OperationArgument {
  readonly name: string;
  /** The attribute that holds a list's length (`N`), where the argument is a list of one type. */
  readonly lengthAttribute: string | undefined;
  /** The attribute that holds a list's types, where the argument is a list of several. */
  readonly typesAttribute: string | undefined;
}

/** Reads the input arguments out of a serialised `OpDef` (tensorflow/core/framework/op_def.proto). */
export function inputArguments(definition: Uint8Array): OperationArgument[] {
  const result: OperationArgument[] = [];
  for (const [field, value] of fields(definition)) {
    if (field !== 2 || !(value instanceof Uint8Array)) continue; // input_arg
    const texts = new Map<number, string>();
    for (const [inner, text] of fields(value)) {
      if (text instanceof Uint8Array) texts.set(inner, Buffer.from(text).toString());
    }
    result.push({
      name: texts.get(1) ?? '',
      lengthAttribute: texts.get(5), // number_attr
      typesAttribute: texts.get(6), // type_list_attr
    });
  }
  return result;
}

/** The fields of a protocol-buffer message: integers, and bytes for everything of known length. */
export function* fields(message: Uint8Array): Generator<readonly [field: number, value: number | Uint8Array]> {
  let at = 0;
  const varint = () => {
    let [value, scale] = [0, 1];
    for (;;) {
      const byte = message[at++];
      if (byte === undefined) throw new RangeError('truncated protocol-buffer message');
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
  };
  const skip = (bytes: number) => {
    const start = at;
    at += bytes;
    if (at > message.length) throw new RangeError('truncated protocol-buffer message');
    return message.subarray(start, at);
  };
  while (at < message.length) {
    const tag = varint();
    const field = Math.floor(tag / 8);
    switch (tag % 8) {
      case 0:
        yield [field, varint()];
        break;
      case 1:
        yield [field, skip(8)];
        break;
      case 2:
        yield [field, skip(varint())];
        break;
      case 5:
        yield [field, skip(4)];
        break;
      default:
        throw new RangeError(`unknown wire type ${tag % 8} in a protocol-buffer message`);
    }
  }
}
