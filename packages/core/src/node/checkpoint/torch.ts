import { crc32 } from 'node:zlib';
import { Budget, BYTES_OF_VALUE, type SafetensorsEntry, shown, sizeOf, UserError } from '@motley/run';
import { fromBuffer, type Entry, type ZipFile } from 'yauzl';
import { readPickle, type PickleValue } from './pickle.ts';
import { torchRules, TorchTensor, valuesOf, type TorchStorage } from './torch-tensors.ts';
import { VALUE_TYPES } from './values.ts';

/** First bytes of a zip archive, the format of `torch.save` since 1.6. */
const ZIP = 0x04034b50;
/** Magic number of the format before 1.6: consecutive pickles of this number, the version and the machine's types. */
const LEGACY_NUMBER = 0x1950a86a20f9469cfc6cn;
const LEGACY_VERSION = 1001;
/** Bytes of a value whose type is converted to float32 or int32. */
const CONVERTED_BYTES = 4;

/**
 * Reads the tensors of a `torch.save` file by path: `0.weight` of a state dict, `model.0.weight` of `{'model': state
 * dict, 'epoch': 3}`. float64, float16 and bfloat16 become float32; small integers become int32. Nothing in the file is
 * executed: its pickle may only mention tensors, storages, dictionaries and a few plain types.
 * @param name the file's name, for messages
 * @param isWanted whether to read the tensor of this path. Others may have any type. Default: all
 * @throws UserError if the file is damaged, is no checkpoint, mentions anything else, as a pickled module does, needs
 *   far more memory than its size, or has two tensors of one path
 */
export async function decodeTorchCheckpoint(
  bytes: Buffer,
  name: string,
  isWanted: (place: string) => boolean = () => true,
): Promise<Map<string, SafetensorsEntry>> {
  const isZip = bytes.length >= 4 && bytes.readUInt32LE() === ZIP;
  const { value, storageBytes } = isZip ? await readArchive(bytes, name) : readLegacy(bytes, name);
  const entries = new Map<string, SafetensorsEntry>();
  const paths = new Map<string, readonly PickleValue[]>();
  const budget = Budget.forFile(name, 'tensors', bytes.length);
  for (const { path, tensor } of tensorsIn(value, bytes.length, name)) {
    const place = path.join('.') || 'tensor';
    const other = paths.get(place);
    if (other !== undefined)
      throw new UserError(
        `${name}: expected one tensor ${shown(place)}, found two: ${shown(other)} and ${shown(path)}`,
      );
    paths.set(place, path);
    budget.hold(Math.max(CONVERTED_BYTES, VALUE_TYPES[tensor.type].bytesPerValue) * sizeOf(tensor.shape));
    if (!isWanted(place)) continue;
    const entry = valuesOf(tensor, storageBytes(tensor.storage));
    if (entry === undefined)
      throw new UserError(`${name}: expected ${shown(place)} to hold numbers that core has, found ${tensor.type}`);
    entries.set(place, entry);
  }
  if (paths.size === 0) throw new UserError(`${name}: expected a checkpoint of tensors, found none`);
  return entries;
}

interface TorchFile {
  readonly value: PickleValue;
  readonly storageBytes: (storage: TorchStorage) => Uint8Array;
}

interface PlacedTensor {
  /** Keys of dictionaries and indices of lists, from the outermost. */
  readonly path: readonly PickleValue[];
  readonly tensor: TorchTensor;
}

/** Tensors in dictionaries and lists, by depth first. One that occurs at several places is found at each. */
function* tensorsIn(root: PickleValue, fileBytes: number, name: string): Generator<PlacedTensor, void> {
  const budget = Budget.forHeap(name, 'dictionaries of tensors', fileBytes);
  function* walk(value: PickleValue, path: readonly PickleValue[]): Generator<PlacedTensor, void> {
    budget.step();
    budget.descend(path.length);
    if (value instanceof TorchTensor) {
      for (const key of path) budget.hold(typeof key === 'string' ? 2 * key.length : BYTES_OF_VALUE.element);
      yield { path, tensor: value };
    } else if (value instanceof Map) {
      for (const [key, each] of value) if (typeof key !== 'object') yield* walk(each, [...path, key]);
    } else if (Array.isArray(value)) {
      for (const [index, each] of value.entries()) yield* walk(each, [...path, index]);
    }
  }
  yield* walk(root, []);
}

async function readArchive(bytes: Buffer, name: string): Promise<TorchFile> {
  const entries = await readEntries(bytes, name);
  const pickleName = [...entries.keys()].find((each) => /^[^/]+\/data\.pkl$/.test(each));
  if (pickleName === undefined) throw new UserError(`${name}: expected data.pkl in its archive, found none`);
  const folder = pickleName.slice(0, -'data.pkl'.length);
  const byteOrder = entries.get(`${folder}byteorder`)?.toString() ?? 'little';
  if (byteOrder !== 'little') throw new UserError(`${name}: expected little-endian values, found ${shown(byteOrder)}`);
  const { value } = readPickle(entries.get(pickleName)!, 0, torchRules(name), name);
  const storageBytes = ({ key, type, length }: TorchStorage): Uint8Array => {
    const found = entries.get(`${folder}data/${key}`);
    const expected = length * VALUE_TYPES[type].bytesPerValue;
    if (found?.length !== expected)
      throw new UserError(
        `${name}: expected ${expected} bytes of storage ${shown(key)}, found ${found?.length ?? 'none'}`,
      );
    return found;
  };
  return { value, storageBytes };
}

/** Files of the archive. `torch.save` stores them uncompressed, so nothing is inflated. */
async function readEntries(bytes: Buffer, name: string): Promise<Map<string, Buffer>> {
  const damaged = (message: string) => new UserError(`${name}: expected a whole zip archive, found: ${message}`);
  const archive = await new Promise<ZipFile>((resolve, reject) => {
    fromBuffer(bytes, { lazyEntries: true, strictFileNames: true }, (error, file) => {
      if (error) reject(damaged(error.message));
      else resolve(file);
    });
  });
  const entries = new Map<string, Buffer>();
  let total = 0;
  try {
    for await (const entry of entriesOf(archive)) {
      if (entry.compressionMethod !== 0)
        throw new UserError(
          `${name}: expected files stored as torch.save does, found ${shown(entry.fileName)} compressed`,
        );
      if (entries.has(entry.fileName)) throw damaged(`${shown(entry.fileName)} twice`);
      total += entry.uncompressedSize;
      if (total > bytes.length) throw damaged(`files of ${total} bytes in ${bytes.length}`);
      const content = await contentOf(archive, entry);
      if (crc32(content) !== entry.crc32) throw damaged(`${shown(entry.fileName)} with another checksum`);
      entries.set(entry.fileName, content);
    }
  } catch (error) {
    throw error instanceof UserError ? error : damaged((error as Error).message);
  }
  return entries;
}

async function* entriesOf(archive: ZipFile): AsyncGenerator<Entry, void> {
  for (let count = 0; count < archive.entryCount; count++) {
    yield await new Promise<Entry>((resolve, reject) => {
      archive.once('entry', resolve);
      archive.once('error', reject);
      archive.readEntry();
    });
    archive.removeAllListeners();
  }
}

async function contentOf(archive: ZipFile, entry: Entry): Promise<Buffer> {
  const parts: Buffer[] = [];
  const stream = await new Promise<AsyncIterable<Buffer>>((resolve, reject) => {
    archive.openReadStream(entry, (error, opened) => {
      if (error) reject(error);
      else resolve(opened);
    });
  });
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}

function readLegacy(bytes: Buffer, name: string): TorchFile {
  const storages = new Map<string, TorchStorage>();
  const rules = torchRules(name, storages);
  const isLegacy = bytes.length > 2 && bytes[0] === 0x80;
  if (!isLegacy) throw new UserError(`${name}: expected what torch.save writes, found another format`);
  const number = readPickle(bytes, 0, rules, name);
  if (number.value !== LEGACY_NUMBER)
    throw new UserError(`${name}: expected what torch.save writes, found another pickle`);
  const version = readPickle(bytes, number.end, rules, name);
  if (version.value !== LEGACY_VERSION)
    throw new UserError(
      `${name}: expected version ${LEGACY_VERSION} of PyTorch's old format, found ${shown(version.value)}`,
    );
  const machine = readPickle(bytes, version.end, rules, name);
  if (!(machine.value instanceof Map) || machine.value.get('little_endian') !== true)
    throw new UserError(`${name}: expected little-endian values, found others`);
  const { value, end } = readPickle(bytes, machine.end, rules, name);
  const { value: keys, end: start } = readPickle(bytes, end, rules, name);
  if (!Array.isArray(keys)) throw new UserError(`${name}: expected the keys of its storages, found ${shown(keys)}`);
  const contents = new Map<string, Uint8Array>();
  let position = start;
  for (const key of keys as PickleValue[]) {
    const storage = typeof key === 'string' ? storages.get(key) : undefined;
    const found = position + 8 <= bytes.length ? Number(bytes.readBigUInt64LE(position)) : undefined;
    const size = (storage?.length ?? 0) * (storage === undefined ? 0 : VALUE_TYPES[storage.type].bytesPerValue);
    if (storage === undefined || found !== storage.length || position + 8 + size > bytes.length)
      throw new UserError(`${name}: expected the ${size} bytes of storage ${shown(key)}, found ${found ?? 'the end'}`);
    contents.set(storage.key, bytes.subarray(position + 8, position + 8 + size));
    position += 8 + size;
  }
  const storageBytes = ({ key }: TorchStorage): Uint8Array => {
    const content = contents.get(key);
    if (content === undefined) throw new UserError(`${name}: expected storage ${shown(key)}, found none`);
    return content;
  };
  return { value, storageBytes };
}
