import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { LibraryError } from '../errors.ts';
import { makeElf, makeMachO, makePortableExecutable, makeUniversal } from '../testing/binaries.ts';
import { verifyBinary, type Host } from './verify.ts';

const LINUX: Host = { platform: 'linux', arch: 'x64' };
const MAC: Host = { platform: 'darwin', arch: 'arm64' };
const WINDOWS: Host = { platform: 'win32', arch: 'x64' };
const folder = mkdtempSync(join(tmpdir(), 'motley-binary-'));
const file = join(folder, 'library.so');

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function verify(content: Buffer, host: Host) {
  writeFileSync(file, content);
  return verifyBinary(file, host);
}

function refusal(content: Buffer, host: Host): LibraryError {
  try {
    verify(content, host);
  } catch (error) {
    if (error instanceof LibraryError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('verifyBinary', () => {
  it('reads the needed libraries and search paths of an ELF library', () => {
    const needed = ['libtensorflow_framework.so.2', 'libc.so.6'];
    const searchPaths = ['$ORIGIN', '$ORIGIN/../nvidia/cublas/lib'];
    const content = makeElf({ needed, searchPaths });
    expect(verify(content, LINUX)).toEqual({
      format: 'ELF',
      architecture: 'x64',
      describedBytes: content.length,
      needed,
      searchPaths,
    });
  });

  it.runIf(process.platform === 'linux')(
    "accepts the C library that this process runs on (Linux's loader has it mapped)",
    () => {
      const { sharedObjects } = process.report.getReport() as { sharedObjects: string[] };
      const path = sharedObjects.find((name) => /\/libc\.(so|musl)/.test(name))!;
      expect(verifyBinary(path).architecture).toBe(process.arch);
    },
  );

  it('reads a Mach-O library, and the right slice of a universal one', () => {
    const needed = ['@rpath/libtensorflow_framework.2.dylib'];
    const arm64 = makeMachO({ needed, searchPaths: ['@loader_path/'] });
    expect(verify(arm64, MAC)).toMatchObject({ format: 'Mach-O', needed, searchPaths: ['@loader_path/'] });
    const universal = makeUniversal({ x64: makeMachO({ architecture: 'x64' }), arm64 });
    expect(verify(universal, MAC)).toMatchObject({ architecture: 'arm64', needed, describedBytes: universal.length });
    const intelOnly = makeUniversal({ x64: makeMachO({ architecture: 'x64' }) });
    expect(refusal(intelOnly, MAC).message).toContain('is for macOS on x64, this process is macOS on arm64');
  });

  it('reads a Windows library', () => {
    const content = makePortableExecutable();
    expect(verify(content, WINDOWS)).toMatchObject({
      format: 'PE',
      architecture: 'x64',
      describedBytes: content.length,
    });
    expect(refusal(makePortableExecutable({ architecture: 'arm64' }), WINDOWS).code).toBe('wrong-architecture');
  });

  it('names both machines when the library is for another machine', () => {
    const error = refusal(makeElf({ architecture: 'arm64' }), LINUX);
    expect(error.code).toBe('wrong-architecture');
    expect(error.message).toBe(`${file} is for Linux on arm64, this process is Linux on x64`);
    expect(refusal(makeMachO(), LINUX).message).toContain('is for macOS on arm64, this process is Linux on x64');
  });

  it.each([
    ['ELF', makeElf({ needed: ['libc.so.6'], searchPaths: ['$ORIGIN'] }), LINUX],
    ['Mach-O', makeMachO({ needed: ['/usr/lib/libSystem.B.dylib'] }), MAC],
    ['universal', makeUniversal({ arm64: makeMachO() }), MAC],
    ['PE', makePortableExecutable(), WINDOWS],
  ])('refuses %s files cut at any byte', (_, content, host) => {
    for (let length = 0; length < content.length; length++)
      expect(refusal(content.subarray(0, length), host).code).toBe('damaged');
    expect(verify(content, host).describedBytes).toBe(content.length);
  });

  it('reports how much of a truncated library there is', () => {
    const content = makeElf({ contentBytes: 1000 });
    const { message } = refusal(content.subarray(0, 500), LINUX);
    expect(message).toBe(
      `${file} is damaged: its headers describe ${content.length} bytes, the file has 500 (truncated)`,
    );
  });

  it('refuses files that are not libraries', () => {
    expect(refusal(Buffer.from('#!/bin/sh\nexit 0\n'), LINUX).message).toContain(
      'is no shared library (it begins with "#!/b")',
    );
    expect(refusal(Buffer.alloc(0), LINUX).message).toContain('is empty');
    expect(() => verifyBinary(folder, LINUX)).toThrow('is not a file');
    expect(() => verifyBinary(join(folder, 'absent.so'), LINUX)).toThrow('no such file');
    const executable = makeElf();
    executable.writeUInt16LE(2, 16);
    expect(refusal(executable, LINUX).message).toContain('not that of a shared object');
  });

  it('throws only LibraryErrors, in bounded memory, whatever header bytes change', () => {
    let state = 1;
    const random = (below: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state % below;
    };
    const cases: [Buffer, Host][] = [
      [makeElf({ needed: ['libc.so.6'], searchPaths: ['$ORIGIN'] }), LINUX],
      [makeMachO({ needed: ['libSystem'] }), MAC],
      [makePortableExecutable(), WINDOWS],
    ];
    let refused = 0;
    for (let round = 0; round < 600; round++) {
      const [content, host] = cases[round % cases.length]!;
      const changed = Buffer.from(content);
      for (let count = 0; count < 3; count++) changed[random(content.length)] = random(256);
      try {
        verify(changed, host);
      } catch (error) {
        expect(error).toBeInstanceOf(LibraryError);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(100);
  });
});
