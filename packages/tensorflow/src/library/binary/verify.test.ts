import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { LibraryError } from '../errors.ts';
import { makeElf, makeMachO, makePortableExecutable, makeUniversal } from '../testing/binaries.ts';
import { verifyBinary, type Host } from './verify.ts';

const linux: Host = { platform: 'linux', arch: 'x64' };
const mac: Host = { platform: 'darwin', arch: 'arm64' };
const windows: Host = { platform: 'win32', arch: 'x64' };
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
  it('reads what an ELF library needs and where it looks', () => {
    const needed = ['libtensorflow_framework.so.2', 'libc.so.6'];
    const searchPaths = ['$ORIGIN', '$ORIGIN/../nvidia/cublas/lib'];
    const content = makeElf({ needed, searchPaths });
    expect(verify(content, linux)).toEqual({
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

  it('reads a Mach-O library, and its slice of a universal one', () => {
    const needed = ['@rpath/libtensorflow_framework.2.dylib'];
    const arm64 = makeMachO({ needed, searchPaths: ['@loader_path/'] });
    expect(verify(arm64, mac)).toMatchObject({ format: 'Mach-O', needed, searchPaths: ['@loader_path/'] });
    const universal = makeUniversal({ x64: makeMachO({ architecture: 'x64' }), arm64 });
    expect(verify(universal, mac)).toMatchObject({ architecture: 'arm64', needed, describedBytes: universal.length });
    const intelOnly = makeUniversal({ x64: makeMachO({ architecture: 'x64' }) });
    expect(refusal(intelOnly, mac).message).toContain('is for macOS on x64, this process is macOS on arm64');
  });

  it('reads a Windows library', () => {
    const content = makePortableExecutable();
    expect(verify(content, windows)).toMatchObject({
      format: 'PE',
      architecture: 'x64',
      describedBytes: content.length,
    });
    expect(refusal(makePortableExecutable({ architecture: 'arm64' }), windows).code).toBe('wrong-architecture');
  });

  it('names both machines when the library is for another', () => {
    const error = refusal(makeElf({ architecture: 'arm64' }), linux);
    expect(error.code).toBe('wrong-architecture');
    expect(error.message).toBe(`${file} is for Linux on arm64, this process is Linux on x64`);
    expect(refusal(makeMachO(), linux).message).toContain('is for macOS on arm64, this process is Linux on x64');
  });

  it.each([
    ['ELF', makeElf({ needed: ['libc.so.6'], searchPaths: ['$ORIGIN'] }), linux],
    ['Mach-O', makeMachO({ needed: ['/usr/lib/libSystem.B.dylib'] }), mac],
    ['universal', makeUniversal({ arm64: makeMachO() }), mac],
    ['PE', makePortableExecutable(), windows],
  ])('refuses %s files cut at any byte', (_, content, host) => {
    for (let length = 0; length < content.length; length++)
      expect(refusal(content.subarray(0, length), host).code).toBe('damaged');
    expect(verify(content, host).describedBytes).toBe(content.length);
  });

  it('says how much of a truncated library is there', () => {
    const content = makeElf({ contentBytes: 1000 });
    const { message } = refusal(content.subarray(0, 500), linux);
    expect(message).toBe(
      `${file} is damaged: its headers describe ${content.length} bytes, the file has 500 (truncated)`,
    );
  });

  it('refuses what is no library', () => {
    expect(refusal(Buffer.from('#!/bin/sh\nexit 0\n'), linux).message).toContain(
      'is no shared library (it begins with "#!/b")',
    );
    expect(refusal(Buffer.alloc(0), linux).message).toContain('is empty');
    expect(() => verifyBinary(folder, linux)).toThrow('is not a file');
    expect(() => verifyBinary(join(folder, 'absent.so'), linux)).toThrow('no such file');
    const executable = makeElf();
    executable.writeUInt16LE(2, 16);
    expect(refusal(executable, linux).message).toContain('not that of a shared object');
  });

  it('survives any header, in bounded memory: only LibraryErrors, whatever bytes change', () => {
    let state = 1;
    const random = (below: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state % below;
    };
    const cases: [Buffer, Host][] = [
      [makeElf({ needed: ['libc.so.6'], searchPaths: ['$ORIGIN'] }), linux],
      [makeMachO({ needed: ['libSystem'] }), mac],
      [makePortableExecutable(), windows],
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
