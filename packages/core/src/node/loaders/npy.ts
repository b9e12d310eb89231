import { Budget, BYTES_OF_VALUE, shown, sizeOf, UserError, VALUE_TYPES } from '@motley/run';
import { readUserFile } from '@motley/run/node';

/** Array of a `.npy` file, row-major. */
export interface NpyArray {
  readonly shape: readonly number[];
  /** Numbers, of which those of 64 bits are rounded to 32, or texts. */
  readonly values: Float32Array | readonly string[];
}

const DEFAULT_MAX_BYTES = 2 ** 30;
/** NumPy has no arrays of more axes. */
const MOST_AXES = 64;
const BYTES_PER_CHARACTER = 4;
const MAGIC_LENGTH = 8;

/**
 * Reads NumPy's `.npy` format, versions 1 to 3 (NumPy Enhancement Proposal 1): floats of 16, 32 or 64 bits, or unicode
 * text, of either byte order and either order of axes. Pickled objects are refused.
 * @param maxBytes size limit of the file
 * @throws UserError naming the file, what was expected and what was found
 */
export async function loadNpy(path: string, maxBytes = DEFAULT_MAX_BYTES): Promise<NpyArray> {
  return parseNpy(await readUserFile(path, 'a .npy file', maxBytes), path);
}

/**
 * Parses the bytes of a `.npy` file.
 * @param name the file's name, for messages
 * @throws UserError like `loadNpy`
 */
export function parseNpy(bytes: Uint8Array, name: string): NpyArray {
  const header = parseHeader(bytes, name);
  const { kind, width, shape, isFortran } = header;
  const count = sizeOf(shape);
  const data = bytes.subarray(header.end);
  if (data.length !== count * width)
    throw new UserError(
      `${name}: expected ${count * width} bytes of shape [${shape.join(', ')}] after the header, found ${data.length}`,
    );
  const budget = Budget.forHeap(name, 'an array', bytes.length);
  budget.hold(kind === 'U' ? count * BYTES_OF_VALUE.element + data.length : 0);
  const isTurned = isFortran && shape.filter((length) => length !== 1).length > 1;
  const ordered = header.isBigEndian ? swapped(data, kind === 'U' ? BYTES_PER_CHARACTER : width) : data;
  if (kind === 'U') {
    const texts = Array.from({ length: count }, (_, index) => textAt(ordered, index, width, name));
    return { shape, values: isTurned ? rowMajor(texts, shape, new Array<string>(count)) : texts };
  }
  const type = ({ 2: 'float16', 4: 'float32', 8: 'float64' } as const)[width as 2 | 4 | 8];
  const { values } = VALUE_TYPES[type].decode(ordered, shape);
  if (!(values instanceof Float32Array)) throw new Error(`parseNpy: expected float32 from ${type}`);
  return { shape, values: isTurned ? rowMajor(values, shape, new Float32Array(count)) : values };
}

interface Header {
  readonly kind: 'f' | 'U';
  /** Bytes per value. */
  readonly width: number;
  readonly isBigEndian: boolean;
  readonly isFortran: boolean;
  readonly shape: readonly number[];
  /** Offset of the data. */
  readonly end: number;
}

function parseHeader(bytes: Uint8Array, name: string): Header {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.length < MAGIC_LENGTH + 2 || buffer.toString('latin1', 0, 6) !== '\x93NUMPY')
    throw new UserError(
      `${name}: expected a .npy file, found ${buffer.length === 0 ? 'an empty file' : `a file that begins with ${shown(buffer.toString('latin1', 0, 6))}`}`,
    );
  const version = buffer[6]!;
  if (version < 1 || version > 3)
    throw new UserError(`${name}: expected .npy of version 1, 2 or 3, found ${version}.${buffer[7]!}`);
  const start = MAGIC_LENGTH + (version === 1 ? 2 : 4);
  const length = version === 1 ? buffer.readUInt16LE(MAGIC_LENGTH) : buffer.length < start ? 0 : buffer.readUInt32LE(8);
  const end = start + length;
  if (buffer.length < end)
    throw new UserError(`${name}: expected a header of ${end} bytes, found a file of ${buffer.length}`);
  const entries = parseDictionary(buffer.toString(version === 3 ? 'utf8' : 'latin1', start, end), name);
  const type = /^(?:([<>])f([248])|([<>])U(\d{1,9}))$/.exec(entries.get('descr') ?? '');
  const shape = entries.get('shape')?.match(/\d+/g)?.map(Number) ?? [];
  if (type === null)
    throw new UserError(
      `${name}: expected floats of 16, 32 or 64 bits or unicode text, found ${shown(entries.get('descr') ?? 'no type')}${entries.get('descr')?.endsWith('O') === true ? ', pickled objects' : ''}`,
    );
  if (shape.length > MOST_AXES || !shape.every(Number.isSafeInteger) || !entries.has('shape'))
    throw new UserError(`${name}: expected a shape, found ${shown(entries.get('shape') ?? 'none')}`);
  return {
    kind: type[2] === undefined ? 'U' : 'f',
    width: type[2] === undefined ? BYTES_PER_CHARACTER * Number(type[4]) : Number(type[2]),
    isBigEndian: (type[1] ?? type[3]) === '>',
    isFortran: entries.get('fortran_order') === 'True',
    shape,
    end,
  };
}

/** Parses a Python dictionary of texts, truth values and tuples of integers, without a nested one. */
function parseDictionary(text: string, name: string): Map<string, string> {
  const entry = /\s*'(\w+)'\s*:\s*(?:'([^']*)'|(True|False)|(\([\d\s,]*\)))\s*(?:,|(?=\}))/y;
  const entries = new Map<string, string>();
  let position = text.indexOf('{') + 1;
  for (;;) {
    entry.lastIndex = position;
    const match = entry.exec(text);
    if (match === null) break;
    entries.set(match[1]!, match[2] ?? match[3] ?? match[4]!);
    position = entry.lastIndex;
  }
  if (!/^\s*\{/.test(text) || !/^\s*\}\s*$/.test(text.slice(position)))
    throw new UserError(
      `${name}: expected a header of 'descr', 'fortran_order' and 'shape' without structures, found ${shown(text.trim())}`,
    );
  return entries;
}

/** Turns the byte order of every value. */
function swapped(data: Uint8Array, width: number): Uint8Array {
  const copy = Buffer.from(data);
  if (width === 2) return copy.swap16();
  return width === 4 ? copy.swap32() : copy.swap64();
}

/** Decodes a text of UTF-32, padded with zeros. */
function textAt(data: Uint8Array, index: number, width: number, name: string): string {
  const view = new DataView(data.buffer, data.byteOffset + index * width, width);
  let length = width;
  while (length > 0 && view.getUint32(length - BYTES_PER_CHARACTER, true) === 0) length -= BYTES_PER_CHARACTER;
  let text = '';
  for (let offset = 0; offset < length; offset += BYTES_PER_CHARACTER) {
    const code = view.getUint32(offset, true);
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
      throw new UserError(`${name}: value ${index}: expected unicode text, found the character ${code}`);
    text += String.fromCodePoint(code);
  }
  return text;
}

/** Copies values whose first axis varies fastest to an array whose last one does. */
function rowMajor<Values extends Float32Array | string[]>(
  source: Values,
  shape: readonly number[],
  target: Values,
): Values {
  const count = sizeOf(shape);
  const place = new Array<number>(shape.length).fill(0);
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  for (let index = 0; index < count; index++) {
    target[place.reduce((sum, each, axis) => sum + each * strides[axis]!, 0)] = source[index]!;
    for (let axis = 0; axis < shape.length; axis++) {
      place[axis]!++;
      if (place[axis]! < shape[axis]!) break;
      place[axis] = 0;
    }
  }
  return target;
}
