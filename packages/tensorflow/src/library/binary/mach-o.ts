import { damaged, readString, readUint64, type BinaryHeaders, type BinaryReader } from './reader.ts';

const CPU_TYPES: Record<number, string> = { 0x7: 'ia32', 0xc: 'arm', 0x1000007: 'x64', 0x100000c: 'arm64' };
const SEGMENT_64 = 0x19;
/** LC_LOAD_DYLIB, LC_LOAD_WEAK_DYLIB, LC_REEXPORT_DYLIB. */
const LOAD_DYLIB = [0xc, 0x80000018, 0x8000001f];
const RPATH = 0x8000001c;

/**
 * Reads a Mach-O library's headers (Apple, `mach-o/loader.h`, `mach-o/fat.h`); in a universal library, those of the
 * slice for `architecture`.
 */
export function readMachO(reader: BinaryReader, architecture: string): BinaryHeaders {
  const magic = reader.read(0, 8);
  if (magic.readUInt32BE(0) !== 0xcafebabe) return readSlice(reader, 0);
  const count = magic.readUInt32BE(4);
  if (count === 0 || count > 16) throw damaged(reader, `its universal header claims ${count} architectures`);
  const table = reader.read(8, 20 * count);
  const slices = Array.from({ length: count }, (_, index) => ({
    architecture: CPU_TYPES[table.readUInt32BE(index * 20)] ?? 'unknown',
    offset: table.readUInt32BE(index * 20 + 8),
  }));
  const slice = slices.find((candidate) => candidate.architecture === architecture);
  if (slice) return readSlice(reader, slice.offset);
  const all = slices.map((candidate) => candidate.architecture).join(' and ');
  return { format: 'Mach-O', architecture: all, describedBytes: 0, needed: [], searchPaths: [] };
}

function readSlice(reader: BinaryReader, start: number): BinaryHeaders {
  const header = reader.read(start, 32);
  if (header.readUInt32LE(0) !== 0xfeedfacf) throw damaged(reader, 'its 64-bit Mach-O header is missing');
  const cpuType = header.readUInt32LE(4);
  const commandCount = header.readUInt32LE(16);
  const commandBytes = header.readUInt32LE(20);
  if (commandBytes > 1 << 20) throw damaged(reader, `its load commands claim ${commandBytes} bytes`);
  const commands = reader.read(start + 32, commandBytes);

  let describedBytes = start + 32 + commandBytes;
  const needed: string[] = [];
  const searchPaths: string[] = [];
  for (let index = 0, at = 0; index < commandCount; index++) {
    if (at + 8 > commandBytes) throw damaged(reader, 'its load commands overrun their space');
    const command = commands.readUInt32LE(at);
    const length = commands.readUInt32LE(at + 4);
    if (length < 8 || at + length > commandBytes) throw damaged(reader, 'a load command has an impossible length');
    if (command === SEGMENT_64 && length >= 72) {
      const end = start + readUint64(commands, at + 40) + readUint64(commands, at + 48);
      describedBytes = Math.max(describedBytes, end);
    } else if ((LOAD_DYLIB.includes(command) || command === RPATH) && length >= 12) {
      const name = readString(reader, start + 32 + at + commands.readUInt32LE(at + 8), 4096);
      (command === RPATH ? searchPaths : needed).push(name);
    }
    at += length;
  }
  const architecture = CPU_TYPES[cpuType] ?? `CPU type ${cpuType}`;
  return { format: 'Mach-O', architecture, describedBytes, needed, searchPaths };
}
