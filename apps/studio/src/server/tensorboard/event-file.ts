import { openRegular } from '../curves/line-reader.ts';

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
      const length = Number(chunk.readBigUInt64LE(at));
      if (length > MAX_LENGTH) {
        this.#problem = `${this.#name}: damaged at byte ${this.#offset + at}`;
        break;
      }
      wanted = HEAD_BYTES + length + FOOT_BYTES;
      if (at + wanted > chunk.length) break;
      try {
        readEvent(chunk.subarray(at + HEAD_BYTES, at + HEAD_BYTES + length), onScalar);
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

/** Reader of a protocol buffer message's fields. Offsets are checked by `Buffer`, which throws beyond its end. */
class Fields {
  readonly bytes: Buffer;
  at = 0;
  number = 0;
  type = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  next(): boolean {
    if (this.at >= this.bytes.length) return false;
    const key = this.varint();
    this.number = key >>> 3;
    this.type = key & 7;
    return true;
  }

  varint(): number {
    let [value, factor] = [0, 1];
    for (let count = 0; count < 10; count++) {
      const byte = this.bytes.readUInt8(this.at++);
      value += (byte & 127) * factor;
      if (byte < 128) return value;
      factor *= 128;
    }
    throw new RangeError('an integer that does not end');
  }

  part(): Buffer {
    const length = this.varint();
    if (this.at + length > this.bytes.length) throw new RangeError('a field that ends after its message');
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  skip(): void {
    if (this.type === 0) this.varint();
    else if (this.type === 1) this.at += 8;
    else if (this.type === 2) this.part();
    else if (this.type === 5) this.at += 4;
    else throw new RangeError('a field of an unknown type');
  }
}

/** Reads an `Event`: wall_time = 1, step = 2, summary = 5. */
function readEvent(bytes: Buffer, onScalar: (event: ScalarEvent) => void): void {
  const fields = new Fields(bytes);
  let [wallTime, step] = [0, 0];
  const summaries: Buffer[] = [];
  while (fields.next()) {
    if (fields.number === 1 && fields.type === 1) {
      wallTime = bytes.readDoubleLE(fields.at);
      fields.at += 8;
    } else if (fields.number === 2 && fields.type === 0) step = fields.varint();
    else if (fields.number === 5 && fields.type === 2) summaries.push(fields.part());
    else fields.skip();
  }
  for (const summary of summaries) {
    const values = new Fields(summary);
    while (values.next()) {
      if (values.number !== 1 || values.type !== 2) {
        values.skip();
        continue;
      }
      const scalar = readValue(values.part());
      if (scalar !== undefined) onScalar({ step, wallTime, ...scalar });
    }
  }
}

/** Reads a `Summary.Value`: tag = 1, simple_value = 2, tensor = 8. Undefined where it is no scalar. */
function readValue(bytes: Buffer): { readonly tag: string; readonly value: number } | undefined {
  const fields = new Fields(bytes);
  let tag = '';
  let value: number | undefined;
  while (fields.next()) {
    if (fields.number === 1 && fields.type === 2) tag = fields.part().toString('utf8');
    else if (fields.number === 2 && fields.type === 5) {
      value = bytes.readFloatLE(fields.at);
      fields.at += 4;
    } else if (fields.number === 8 && fields.type === 2) value = readTensor(fields.part());
    else fields.skip();
  }
  // Hyperparameters are kept as values that mean nothing.
  return value === undefined || tag === '' || tag.startsWith('_hparams_') ? undefined : { tag, value };
}

/** Reads a `TensorProto` of one number: dtype = 1, tensor_shape = 2, tensor_content = 4, float_val = 5, double_val = 6. */
function readTensor(bytes: Buffer): number | undefined {
  const fields = new Fields(bytes);
  let dtype = 0;
  let content: Buffer | undefined;
  while (fields.next()) {
    if (fields.number === 1 && fields.type === 0) dtype = fields.varint();
    else if (fields.number === 2 && fields.type === 2) {
      // A scalar has no dimensions.
      if (fields.part().length > 0) return undefined;
    } else if ((fields.number === 4 || fields.number === 5 || fields.number === 6) && fields.type === 2) {
      content = fields.part();
    } else if (fields.number === 5 && fields.type === 5) {
      return bytes.readFloatLE(fields.at);
    } else if (fields.number === 6 && fields.type === 1) {
      return bytes.readDoubleLE(fields.at);
    } else fields.skip();
  }
  if (dtype === FLOAT && content?.length === 4) return content.readFloatLE(0);
  return dtype === DOUBLE && content?.length === 8 ? content.readDoubleLE(0) : undefined;
}
