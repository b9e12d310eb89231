import { PbfReader, PbfWriter } from 'pbf';

/** Writes one field of a protocol buffer message. */
export type Field = (pbf: PbfWriter) => void;

/** Field of an integer, an enum or a boolean. */
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

export function doubleField(field: number, value: number): Field {
  return (pbf) => {
    pbf.writeDoubleField(field, value);
  };
}

/** Field of bytes or text. */
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

export function encodeMessage(fields: readonly Field[]): Uint8Array {
  const pbf = new PbfWriter();
  writeAll(fields, pbf);
  return pbf.finish();
}

function writeAll(fields: readonly Field[], pbf: PbfWriter): void {
  for (const write of fields) write(pbf);
}

/** Field as read: an integer, or the bytes of a string or a message. */
export interface ReadField {
  readonly number: number;
  readonly value: number | Uint8Array;
}

/** Fields of a message, in order. @throws RangeError where the message is damaged */
export function readMessage(message: Uint8Array): ReadField[] {
  const pbf = new StrictReader(message);
  const fields: ReadField[] = [];
  while (pbf.pos < pbf.length) fields.push({ number: pbf.nextField(), value: readValue(pbf) });
  if (pbf.pos > pbf.length) throw new RangeError('a field that ends after its message');
  return fields;
}

function readValue(pbf: StrictReader): number | Uint8Array {
  switch (pbf.type) {
    case 0:
      return pbf.readVarint();
    case 1:
      return pbf.readFixed64();
    case 2:
      return pbf.readBytes();
    case 5:
      return pbf.readFixed32();
    default:
      throw new RangeError(`a field of wire type ${pbf.type}`);
  }
}

/** Reader that throws a RangeError at an unterminated integer. */
export class StrictReader extends PbfReader {
  override readVarint(isSigned?: boolean): number {
    try {
      return super.readVarint(isSigned);
    } catch (error) {
      throw new RangeError('an integer that does not end', { cause: error });
    }
  }
}
