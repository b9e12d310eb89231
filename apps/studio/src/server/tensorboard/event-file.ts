import { maskedCrc32c } from '@motley/run/folders';
import { openRegular } from '../curves/line-reader.ts';
import { readSmall } from '../files/read-small.ts';

const CHUNK_BYTES = 2 ** 20;
const HEAD_BYTES = 12;
const FOOT_BYTES = 4;
/** Size limit of a record. Larger ones hold pictures or graphs, and are passed over. */
const MAX_RECORD_BYTES = 2 ** 22;
/** No file has a record of this length: its head is damaged. */
const MAX_LENGTH = 2 ** 31;
const FLOAT = 1;
const DOUBLE = 2;

/** One scalar of an event. */
export interface ScalarEvent {
  readonly step: number;
  /** Seconds since 1970. */
  readonly wallTime: number;
  readonly tag: string;
  readonly value: number;
}

/** One file of TensorBoard events: TFRecords, each an `Event` message. */
export class EventFile {
  readonly #path: string;
  readonly #name: string;
  #inode = -1;
  #offset = 0;
  #problem: string | undefined;

  constructor(path: string, name: string) {
    this.#path = path;
    this.#name = name;
  }

  /** Fault of the file. What follows it is left out. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /**
   * Reads the complete records that are new. A torn one at the end is read when it is whole.
   * @returns `cut` where the file is another one than before
   */
  async follow(onScalar: (event: ScalarEvent) => void): Promise<'nothing' | 'more' | 'cut'> {
    const file = await openRegular(this.#path);
    if (file === undefined) return 'nothing';
    try {
      const { ino, size } = await file.stat();
      if (this.#inode !== -1 && (ino !== this.#inode || size < this.#offset)) return 'cut';
      this.#inode = ino;
      if (this.#problem !== undefined || size === this.#offset) return 'nothing';
      let chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, size - this.#offset));
      const before = this.#offset;
      while (this.#offset < size) {
        const { bytesRead } = await file.read(chunk, 0, Math.min(chunk.length, size - this.#offset), this.#offset);
        const taken = this.#readRecords(chunk.subarray(0, bytesRead), onScalar);
        this.#offset += taken.bytes;
        if (taken.isDamaged) break;
        if (taken.bytes > 0) continue;
        if (taken.wanted > size - this.#offset) break;
        if (taken.wanted > MAX_RECORD_BYTES) this.#offset += taken.wanted;
        else chunk = Buffer.allocUnsafe(taken.wanted);
      }
      return this.#offset === before ? 'nothing' : 'more';
    } finally {
      await file.close();
    }
  }

  /** @returns bytes of the whole records, and the bytes that the next one needs */
  #readRecords(
    chunk: Buffer,
    onScalar: (event: ScalarEvent) => void,
  ): { bytes: number; wanted: number; isDamaged: boolean } {
    let at = 0;
    let wanted = HEAD_BYTES;
    while (at + HEAD_BYTES <= chunk.length) {
      const length = chunk.readUInt32LE(at) + 2 ** 32 * chunk.readUInt32LE(at + 4);
      if (length > MAX_LENGTH) {
        this.#problem = `${this.#name}: damaged at byte ${this.#offset + at}`;
        break;
      }
      wanted = HEAD_BYTES + length + FOOT_BYTES;
      if (at + wanted > chunk.length) break;
      try {
        readEvent(chunk, at + HEAD_BYTES, at + HEAD_BYTES + length, onScalar);
      } catch {
        this.#problem = `${this.#name}: damaged record at byte ${this.#offset + at}`;
        break;
      }
      at += wanted;
      wanted = HEAD_BYTES;
    }
    return { bytes: at, wanted, isDamaged: this.#problem !== undefined };
  }
}

/** Bytes at the end of a file that tell the last values. */
const TAIL_BYTES = 2 ** 16;

/**
 * Reads the scalars at the end of a file without what comes before. Where a record begins is known by the checksum of its
 * length.
 */
export function readEventTail(path: string, onScalar: (event: ScalarEvent) => void): void {
  const bytes = readSmall(path, TAIL_BYTES, true);
  if (!(bytes instanceof Buffer)) return;
  let at = 0;
  while (at + HEAD_BYTES <= bytes.length && maskedCrc32c(bytes.subarray(at, at + 8)) !== bytes.readUInt32LE(at + 8))
    at++;
  while (at + HEAD_BYTES <= bytes.length) {
    const start = at + HEAD_BYTES;
    const end = start + bytes.readUInt32LE(at);
    if (end + FOOT_BYTES > bytes.length) return;
    try {
      readEvent(bytes, start, end, onScalar);
    } catch {
      // The whole reading says so.
      return;
    }
    at = end + FOOT_BYTES;
  }
}

/** Reader of a protocol buffer message's fields, at its place in a chunk: a view for each message would take most time. */
class Fields {
  readonly bytes: Buffer;
  readonly end: number;
  at: number;
  number = 0;
  type = 0;

  constructor(bytes: Buffer, start: number, end: number) {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
  }

  next(): boolean {
    if (this.at >= this.end) return false;
    const key = this.varint();
    this.number = key >>> 3;
    this.type = key & 7;
    return true;
  }

  varint(): number {
    let [value, factor] = [0, 1];
    for (let count = 0; count < 10 && this.at < this.end; count++) {
      const byte = this.bytes[this.at++]!;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
      factor *= 128;
    }
    throw new RangeError('an integer that does not end');
  }

  /** Passes over bytes. Returns where they begin. */
  take(length: number): number {
    const start = this.at;
    if (start + length > this.end) throw new RangeError('a field that ends after its message');
    this.at += length;
    return start;
  }

  /** Fields of a message inside. */
  message(): Fields {
    const length = this.varint();
    const start = this.take(length);
    return new Fields(this.bytes, start, start + length);
  }

  text(): string {
    const length = this.varint();
    const start = this.take(length);
    return this.bytes.toString('utf8', start, start + length);
  }

  float(): number {
    return this.bytes.readFloatLE(this.take(4));
  }

  double(): number {
    return this.bytes.readDoubleLE(this.take(8));
  }

  skip(): void {
    if (this.type === 0) this.varint();
    else if (this.type === 1) this.take(8);
    else if (this.type === 2) this.take(this.varint());
    else if (this.type === 5) this.take(4);
    else throw new RangeError('a field of an unknown type');
  }
}

/** Reads an `Event`: wall_time = 1, step = 2, summary = 5, whose values are 1. */
function readEvent(bytes: Buffer, start: number, end: number, onScalar: (event: ScalarEvent) => void): void {
  const fields = new Fields(bytes, start, end);
  let [wallTime, step] = [0, 0];
  const summaries: Fields[] = [];
  while (fields.next()) {
    if (fields.number === 1 && fields.type === 1) wallTime = fields.double();
    else if (fields.number === 2 && fields.type === 0) step = fields.varint();
    else if (fields.number === 5 && fields.type === 2) summaries.push(fields.message());
    else fields.skip();
  }
  for (const values of summaries)
    while (values.next()) {
      if (values.number === 1 && values.type === 2) readValue(values.message(), step, wallTime, onScalar);
      else values.skip();
    }
}

/** Reads a `Summary.Value`: tag = 1, simple_value = 2, tensor = 8. */
function readValue(fields: Fields, step: number, wallTime: number, onScalar: (event: ScalarEvent) => void): void {
  let tag = '';
  let value: number | undefined;
  while (fields.next()) {
    if (fields.number === 1 && fields.type === 2) tag = fields.text();
    else if (fields.number === 2 && fields.type === 5) value = fields.float();
    else if (fields.number === 8 && fields.type === 2) value = readTensor(fields.message());
    else fields.skip();
  }
  // Hyperparameters are kept as values that mean nothing.
  if (value !== undefined && tag !== '' && !tag.startsWith('_hparams_')) onScalar({ step, wallTime, tag, value });
}

/** Reads a `TensorProto` of one number: dtype = 1, tensor_shape = 2, tensor_content = 4, float_val = 5, double_val = 6. */
function readTensor(fields: Fields): number | undefined {
  let dtype = 0;
  let content: Fields | undefined;
  while (fields.next()) {
    if (fields.number === 1 && fields.type === 0) dtype = fields.varint();
    else if (fields.number === 2 && fields.type === 2) {
      const shape = fields.message();
      // A scalar has no dimensions.
      if (shape.end > shape.at) return undefined;
    } else if ((fields.number === 4 || fields.number === 5 || fields.number === 6) && fields.type === 2) {
      content = fields.message();
    } else if (fields.number === 5 && fields.type === 5) return fields.float();
    else if (fields.number === 6 && fields.type === 1) return fields.double();
    else fields.skip();
  }
  const length = content === undefined ? 0 : content.end - content.at;
  if (dtype === FLOAT && length === 4) return content!.float();
  return dtype === DOUBLE && length === 8 ? content!.double() : undefined;
}
