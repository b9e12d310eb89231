/** Makes small shared libraries byte by byte, with headers for tests and no code. */

const ELF_MACHINES = { x64: 0x3e, arm64: 0xb7 };
const MACH_CPUS = { x64: 0x1000007, arm64: 0x100000c };
const PE_MACHINES = { x64: 0x8664, arm64: 0xaa64 };
type Architecture = keyof typeof ELF_MACHINES;

interface BinaryOptions {
  architecture?: Architecture;
  needed?: readonly string[];
  searchPaths?: readonly string[];
  /** Bytes of content besides the headers. */
  contentBytes?: number;
}

/** Makes an ELF shared object: a loaded segment, a dynamic section, a section table at its end. */
export function makeElf(options: BinaryOptions = {}): Buffer {
  const { architecture = 'x64', needed = [], searchPaths = [], contentBytes = 16 } = options;
  const base = 0x10000; // so that addresses and offsets differ
  const names = [...needed, searchPaths.join(':')];
  const strings = Buffer.from(`\0${names.map((name) => `${name}\0`).join('')}`);
  const offsetOf = (name: string) => strings.indexOf(`\0${name}\0`) + 1;

  const stringsAt = 64 + 2 * 56;
  const dynamicAt = stringsAt + strings.length;
  const dynamic = [
    ...needed.map((name) => [1, offsetOf(name)]),
    ...(searchPaths.length > 0 ? [[29, offsetOf(searchPaths.join(':'))]] : []),
    [5, base + stringsAt],
    [0, 0],
  ];
  const contentAt = dynamicAt + dynamic.length * 16;
  const sectionsAt = contentAt + contentBytes;
  const file = Buffer.alloc(sectionsAt + 64);

  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  file.writeUInt16LE(3, 16);
  file.writeUInt16LE(ELF_MACHINES[architecture], 18);
  file.writeBigUInt64LE(64n, 32);
  file.writeBigUInt64LE(BigInt(sectionsAt), 40);
  file.writeUInt16LE(56, 54);
  file.writeUInt16LE(2, 56);
  file.writeUInt16LE(64, 58);
  file.writeUInt16LE(1, 60);
  const segment = (at: number, type: number, offset: number, bytes: number) => {
    file.writeUInt32LE(type, at);
    file.writeBigUInt64LE(BigInt(offset), at + 8);
    file.writeBigUInt64LE(BigInt(base + offset), at + 16);
    file.writeBigUInt64LE(BigInt(bytes), at + 32);
  };
  segment(64, 1, 0, sectionsAt);
  segment(120, 2, dynamicAt, dynamic.length * 16);
  strings.copy(file, stringsAt);
  for (const [index, [tag, value]] of dynamic.entries()) {
    file.writeBigUInt64LE(BigInt(tag!), dynamicAt + index * 16);
    file.writeBigUInt64LE(BigInt(value!), dynamicAt + index * 16 + 8);
  }
  return file;
}

/** Makes a thin 64-bit Mach-O library: a segment, the libraries that it loads, its run paths. */
export function makeMachO(options: BinaryOptions = {}): Buffer {
  const { architecture = 'arm64', needed = [], searchPaths = [], contentBytes = 16 } = options;
  const named = (command: number, nameAt: number, name: string) => {
    const bytes = Buffer.alloc(Math.ceil((nameAt + name.length + 1) / 8) * 8);
    bytes.writeUInt32LE(command, 0);
    bytes.writeUInt32LE(bytes.length, 4);
    bytes.writeUInt32LE(nameAt, 8);
    bytes.write(name, nameAt);
    return bytes;
  };
  const segment = Buffer.alloc(72);
  const commands = [
    segment,
    ...needed.map((name) => named(0xc, 24, name)),
    ...searchPaths.map((name) => named(0x8000001c, 12, name)),
  ];
  const commandBytes = commands.reduce((sum, command) => sum + command.length, 0);
  segment.writeUInt32LE(0x19, 0);
  segment.writeUInt32LE(72, 4);
  segment.writeBigUInt64LE(BigInt(32 + commandBytes + contentBytes), 48);
  const header = Buffer.alloc(32);
  header.writeUInt32LE(0xfeedfacf, 0);
  header.writeUInt32LE(MACH_CPUS[architecture], 4);
  header.writeUInt32LE(commands.length, 16);
  header.writeUInt32LE(commandBytes, 20);
  return Buffer.concat([header, ...commands, Buffer.alloc(contentBytes)]);
}

/** Makes a universal Mach-O library of the given slices. */
export function makeUniversal(slices: Record<string, Buffer>): Buffer {
  const entries = Object.entries(slices) as [Architecture, Buffer][];
  const header = Buffer.alloc(8 + 20 * entries.length);
  header.writeUInt32BE(0xcafebabe, 0);
  header.writeUInt32BE(entries.length, 4);
  let offset = header.length;
  for (const [index, [architecture, slice]] of entries.entries()) {
    header.writeUInt32BE(MACH_CPUS[architecture], 8 + 20 * index);
    header.writeUInt32BE(offset, 8 + 20 * index + 8);
    header.writeUInt32BE(slice.length, 8 + 20 * index + 12);
    offset += slice.length;
  }
  return Buffer.concat([header, ...entries.map(([, slice]) => slice)]);
}

/** Makes a Windows library of one section. */
export function makePortableExecutable(options: BinaryOptions = {}): Buffer {
  const { architecture = 'x64', contentBytes = 16 } = options;
  const headersBytes = 128 + 24 + 40;
  const file = Buffer.alloc(headersBytes + contentBytes);
  file.write('MZ');
  file.writeUInt32LE(128, 60);
  file.write('PE\0\0', 128);
  file.writeUInt16LE(PE_MACHINES[architecture], 132);
  file.writeUInt16LE(1, 134);
  file.writeUInt32LE(contentBytes, 152 + 16);
  file.writeUInt32LE(headersBytes, 152 + 20);
  return file;
}

/** Makes the two files of a Linux library, as small as possible. */
export function makeTensorflow(options: BinaryOptions = {}): Record<string, Buffer> {
  return {
    'libtensorflow_cc.so.2': makeElf({ ...options, needed: ['libtensorflow_framework.so.2', 'libc.so.6'] }),
    'libtensorflow_framework.so.2': makeElf({ ...options, needed: ['libc.so.6'] }),
  };
}
