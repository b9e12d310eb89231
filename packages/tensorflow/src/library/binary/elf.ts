import { damaged, readString, readUint64, type BinaryHeaders, type BinaryReader } from './reader.ts';

const MACHINES: Record<number, string> = {
  0x03: 'ia32',
  0x15: 'ppc64',
  0x16: 's390x',
  0x28: 'arm',
  0x3e: 'x64',
  0xb7: 'arm64',
  0xf3: 'riscv64',
  0x102: 'loong64',
};
const SEGMENT = { load: 1, dynamic: 2 };
/** Libraries and folders that a real library names are some tens. */
const MAXIMUM_NAMES = 1000;
const TAG = { end: 0, needed: 1, stringTable: 5, rpath: 15, runpath: 29 };

interface Segment {
  type: number;
  offset: number;
  address: number;
  fileBytes: number;
}

/** Reads an ELF shared object's headers (System V ABI, "Object Files" and "Dynamic Linking"). */
export function readElf(reader: BinaryReader): BinaryHeaders {
  const header = reader.read(0, 64);
  const littleEndian = header[5] === 1;
  const machine = littleEndian ? header.readUInt16LE(18) : header.readUInt16BE(18);
  const architecture = MACHINES[machine] ?? `ELF machine ${machine}`;
  // All machines that TensorFlow supports have 64-bit little-endian objects.
  if (header[4] !== 2 || !littleEndian)
    return { format: 'ELF', architecture, describedBytes: 0, needed: [], searchPaths: [] };
  if (header.readUInt16LE(16) !== 3) throw damaged(reader, 'its ELF header is not that of a shared object');

  const sectionTableEnd = readUint64(header, 40) + header.readUInt16LE(58) * header.readUInt16LE(60);
  const segments = readSegments(reader, header);
  const describedBytes = segments.reduce(
    (end, { offset, fileBytes }) => Math.max(end, offset + fileBytes),
    sectionTableEnd,
  );
  const base = { format: 'ELF', architecture, describedBytes } as const;
  // The dynamic section of a truncated file may point anywhere.
  if (describedBytes > reader.fileBytes) return { ...base, needed: [], searchPaths: [] };
  return { ...base, ...readDynamic(reader, segments) };
}

function readSegments(reader: BinaryReader, header: Buffer): Segment[] {
  const start = readUint64(header, 32);
  const entryBytes = header.readUInt16LE(54);
  const count = header.readUInt16LE(56);
  if (entryBytes < 56 || count === 0) throw damaged(reader, 'its ELF header names no program segments');
  const table = reader.read(start, entryBytes * count);
  return Array.from({ length: count }, (_, index) => {
    const at = index * entryBytes;
    return {
      type: table.readUInt32LE(at),
      offset: readUint64(table, at + 8),
      address: readUint64(table, at + 16),
      fileBytes: readUint64(table, at + 32),
    };
  });
}

function readDynamic(reader: BinaryReader, segments: Segment[]): Pick<BinaryHeaders, 'needed' | 'searchPaths'> {
  const dynamic = segments.find(({ type }) => type === SEGMENT.dynamic);
  if (!dynamic) throw damaged(reader, 'it has no dynamic section, so it is not a shared library');
  if (dynamic.fileBytes > 1 << 20) throw damaged(reader, `its dynamic section claims ${dynamic.fileBytes} bytes`);
  const table = reader.read(dynamic.offset, dynamic.fileBytes);
  const entries: { tag: number; value: number }[] = [];
  for (let at = 0; at + 16 <= table.length; at += 16) {
    const entry = { tag: readUint64(table, at), value: readUint64(table, at + 8) };
    if (entry.tag === TAG.end) break;
    entries.push(entry);
  }
  const stringTable = entries.find((entry) => entry.tag === TAG.stringTable)?.value;
  if (stringTable === undefined) throw damaged(reader, 'its dynamic section has no string table');
  const home = segments.find(
    ({ type, address, fileBytes }) =>
      type === SEGMENT.load && stringTable >= address && stringTable < address + fileBytes,
  );
  if (!home) throw damaged(reader, 'its string table lies in no segment');
  const stringsAt = home.offset + stringTable - home.address;
  const names = entries.filter(({ tag }) => tag === TAG.needed || tag === TAG.rpath || tag === TAG.runpath);
  if (names.length > MAXIMUM_NAMES) throw damaged(reader, `its dynamic section has ${names.length} names`);
  const strings = (...tags: number[]) =>
    names.filter((entry) => tags.includes(entry.tag)).map((entry) => readString(reader, stringsAt + entry.value));
  return {
    needed: strings(TAG.needed),
    searchPaths: [...new Set(strings(TAG.rpath, TAG.runpath).flatMap((list) => list.split(':')))],
  };
}
