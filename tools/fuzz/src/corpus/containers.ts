import { crc32, gzipSync } from 'node:zlib';
import { Header } from 'tar';

/** A zip archive of stored files, as `torch.save` writes. */
export function zipOf(files: ReadonlyMap<string, Buffer>): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of files) {
    const described = Buffer.alloc(26);
    described.writeUInt16LE(20, 0);
    described.writeUInt32LE(crc32(content), 10);
    described.writeUInt32LE(content.length, 14);
    described.writeUInt32LE(content.length, 18);
    described.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004'), described, Buffer.from(name), content]);
    const end = Buffer.alloc(14);
    end.writeUInt32LE(offset, 10);
    directory.push(Buffer.from('PK\u0001\u0002\u0014\0'), described, end, Buffer.from(name));
    parts.push(local);
    offset += local.length;
  }
  const entries = Buffer.concat(directory);
  const trailer = Buffer.alloc(22);
  trailer.write('PK\u0005\u0006');
  trailer.writeUInt16LE(files.size, 8);
  trailer.writeUInt16LE(files.size, 10);
  trailer.writeUInt32LE(entries.length, 12);
  trailer.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, entries, trailer]);
}

/** A tar archive of one file. */
export function tarOf(name: string, content: Buffer): Buffer {
  const header = Buffer.alloc(512);
  new Header({ path: name, size: content.length, mode: 0o644, type: 'File' }).encode(header, 0);
  return Buffer.concat([header, content, Buffer.alloc(((512 - (content.length % 512)) % 512) + 1024)]);
}

export function gzipped(content: Buffer): Buffer {
  return gzipSync(content, { level: 1 });
}

/** A safetensors file with a header of these bytes and with the length that they have. */
export function withSafetensorsHeader(values: Buffer): (header: Buffer) => Buffer {
  return (header) => {
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    return Buffer.concat([length, header, values]);
  };
}

/** An Ogg file whose pages have the checksums of what they have. */
export function withOggChecksums(content: Buffer): Buffer {
  const file = Buffer.from(content);
  for (let start = 0; start + 27 <= file.length;) {
    const lengths = file.subarray(start + 27, start + 27 + file[start + 26]!);
    const end = Math.min(
      file.length,
      lengths.reduce((sum, length) => sum + length, start + 27 + lengths.length),
    );
    file.writeUInt32LE(0, start + 22);
    file.writeUInt32LE(oggChecksum(file.subarray(start, end)), start + 22);
    start = end;
  }
  return file;
}

/** The remainder by the polynomial 0x04c11db7, bit by bit. */
function oggChecksum(page: Buffer): number {
  let remainder = 0;
  for (const byte of page) {
    remainder ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) remainder = (remainder << 1) ^ (remainder < 0 ? 0x04c11db7 : 0);
  }
  return remainder >>> 0;
}

/** A `.npy` file of version 1 with this header and these values. */
export function npyOf(header: string, values: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16LE(header.length);
  return Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'), length, Buffer.from(header), values]);
}
