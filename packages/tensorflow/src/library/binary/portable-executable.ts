import { damaged, type BinaryHeaders, type BinaryReader } from './reader.ts';

const MACHINES: Record<number, string> = { 0x14c: 'ia32', 0x1c4: 'arm', 0x8664: 'x64', 0xaa64: 'arm64' };

/**
 * Reads a Windows library's headers (Microsoft, "PE Format"). Imports are not read, because TensorFlow is one file on
 * Windows.
 */
export function readPortableExecutable(reader: BinaryReader): BinaryHeaders {
  const headerAt = reader.read(0, 64).readUInt32LE(60);
  const header = reader.read(headerAt, 24);
  if (header.readUInt32BE(0) !== 0x50450000) throw damaged(reader, 'it has a DOS header but no PE header');
  const machine = header.readUInt16LE(4);
  const sectionCount = header.readUInt16LE(6);
  const sectionsAt = headerAt + 24 + header.readUInt16LE(20);
  const sections = reader.read(sectionsAt, sectionCount * 40);
  let describedBytes = sectionsAt + sections.length;
  for (let at = 0; at < sections.length; at += 40)
    describedBytes = Math.max(describedBytes, sections.readUInt32LE(at + 16) + sections.readUInt32LE(at + 20));
  return {
    format: 'PE',
    architecture: MACHINES[machine] ?? `PE machine ${machine}`,
    describedBytes,
    needed: [],
    searchPaths: [],
  };
}
