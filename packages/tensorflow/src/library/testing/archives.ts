import { createHash } from 'node:crypto';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { Header } from 'tar';
import { makeTensorflow } from './binaries.ts';

type Files = Record<string, Buffer | string>;

/** CRC-32 as in zip files (ISO 3309); Node 20 has none. */
function crc32(data: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

/** Makes a zip file (PKWARE's APPNOTE) with any names, even with `../`. */
export function makeZip(files: Files): Buffer {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(files)) {
    const data = Buffer.from(content);
    const packed = deflateRawSync(data);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(8, 4);
    fields.writeUInt32LE(crc32(data), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(data.length, 18);
    fields.writeUInt16LE(Buffer.byteLength(name), 22);
    const entry = Buffer.concat([Buffer.from('PK\x03\x04'), fields, Buffer.from(name), packed]);
    local.push(entry);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    central.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\0'), fields, rest, Buffer.from(name)]));
    offset += entry.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06');
  end.writeUInt16LE(central.length, 8);
  end.writeUInt16LE(central.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...local, directory, end]);
}

export interface TarEntry {
  name: string;
  content?: Buffer | string;
  link?: { type: 'SymbolicLink' | 'Link'; to: string };
}

/** Makes a `.tar.gz`. */
export function makeTar(entries: readonly TarEntry[]): Buffer {
  const blocks = entries.flatMap(({ name, content = '', link }) => {
    const data = Buffer.from(content);
    const header = new Header({
      path: name,
      mode: 0o644,
      size: data.length,
      type: link?.type ?? 'File',
      ...(link && { linkpath: link.to }),
    });
    header.encode();
    return [header.block!, data, Buffer.alloc((512 - (data.length % 512)) % 512)];
  });
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

export interface WheelOptions {
  name?: string;
  version?: string;
  tags?: string;
  files?: Files;
  metadata?: string;
  /** Replaces the true RECORD. */
  record?: string;
}

/**
 * Makes a wheel: by default TensorFlow's, with the smallest libraries that pass the checks. @returns file name and
 * bytes
 */
export function makeWheel(options: WheelOptions = {}): { name: string; content: Buffer } {
  const {
    name = 'tensorflow_cpu',
    version = '2.21.0',
    tags = 'cp311-cp311-manylinux_2_27_x86_64',
    metadata = '',
  } = options;
  const libraries = Object.entries(makeTensorflow()).map(([file, content]) => [`tensorflow/${file}`, content] as const);
  const files: Files = options.files ?? {
    ...Object.fromEntries(libraries),
    'tensorflow/include/LICENSE': 'Apache License',
    'tensorflow/python/large.so': Buffer.alloc(1000),
  };
  const lines = Object.entries(files).map(([path, content]) => {
    const hash = createHash('sha256').update(content).digest('base64url');
    return `${path},sha256=${hash},${Buffer.byteLength(content)}\n`;
  });
  const information = `${name}-${version}.dist-info`;
  const content = makeZip({
    ...files,
    [`${information}/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n${metadata}`,
    [`${information}/WHEEL`]: `Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: false\nTag: ${tags}\n`,
    [`${information}/RECORD`]: options.record ?? lines.join(''),
  });
  return { name: `${name}-${version}-${tags}.whl`, content };
}
