import { PbfReader, PbfWriter } from 'pbf';

/** Writes a field of a protocol-buffer message. */
export type Field = (pbf: PbfWriter) => void;

/** A field that holds an integer, an enum or a boolean. */
export function integerField(field: number, value: number | boolean): Field {
  return (pbf) => {
    pbf.writeVarintField(field, Number(value));
  };
}

export function floatField(field: number, value: number): Field {
  return (pbf) => {
    pbf.writeFloatField(field, value);
  };
}

/** A field that holds bytes or text. */
export function bytesField(field: number, value: Uint8Array | string): Field {
  return (pbf) => {
    if (typeof value === 'string') pbf.writeStringField(field, value);
    else pbf.writeBytesField(field, value);
  };
}

export function messageField(field: number, fields: readonly Field[]): Field {
  return (pbf) => {
    pbf.writeMessage(field, writeAll, fields);
  };
}

/** Encodes a message, as TensorFlow's C API takes it. */
export function encodeMessage(fields: readonly Field[]): Uint8Array {
  const pbf = new PbfWriter();
  writeAll(fields, pbf);
  return pbf.finish();
}

function writeAll(fields: readonly Field[], pbf: PbfWriter): void {
  for (const write of fields) write(pbf);
}

/**
 * Reads a message.
 *
 * @param readField reads a field into `result`; fields that it does not read are skipped
 * @throws RangeError where the message is cut short
 */
export function readMessage<T>(
  message: Uint8Array,
  readField: (field: number, result: T, pbf: PbfReader) => void,
  result: T,
): T {
  const pbf = new PbfReader(message);
  pbf.readFields(readField, result);
  if (pbf.pos > pbf.length) throw new RangeError('truncated protocol-buffer message');
  return result;
}
