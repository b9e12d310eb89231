import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LibraryError, type LibraryErrorCode } from '../errors.ts';
import { findLibrary } from '../find.ts';
import { makeWheel, type WheelOptions } from '../testing/archives.ts';
import { makeElf, makeTensorflow } from '../testing/binaries.ts';
import { pathWithPython } from '../testing/python.ts';
import { closedAddress, packageIndex, withServer } from '../testing/server.ts';
import type { InstallEvent } from './events.ts';
import { installLibrary, type InstallOptions } from './install.ts';

const path = pathWithPython();
let root: string;
let wheels: string;
let cache: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'motley-install-'));
  wheels = join(root, 'wheels');
  mkdirSync(wheels);
  cache = join(root, 'cache', 'tensorflow');
  vi.stubEnv('MOTLEY_CACHE', join(root, 'cache'));
  vi.stubEnv('MOTLEY_TENSORFLOW_LIBRARY', '');
  vi.stubEnv('MOTLEY_TENSORFLOW_ARCHIVE', '');
  vi.stubEnv('VIRTUAL_ENV', '');
  vi.stubEnv('PATH', path);
  vi.stubEnv('PIP_CONFIG_FILE', devNull);
  vi.stubEnv('PIP_FIND_LINKS', wheels);
  vi.stubEnv('PIP_NO_INDEX', '1');
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true });
});

function offer(options: WheelOptions = {}): { name: string; content: Buffer } {
  const wheel = makeWheel(options);
  writeFileSync(join(wheels, wheel.name), wheel.content);
  return wheel;
}

/** Installs and expects an error of this code that leaves nothing behind. */
async function refusal(code: LibraryErrorCode, options?: InstallOptions): Promise<string> {
  const error = await installLibrary(options).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(LibraryError);
  expect(error).toMatchObject({ code });
  const { message } = error as LibraryError;
  expect(message).not.toContain('\n');
  expect(existsSync(cache) ? readdirSync(cache) : []).toEqual([]);
  return message;
}

const withLibraries = (libraries: Record<string, Buffer>) =>
  Object.fromEntries(Object.entries(libraries).map(([name, content]) => [`tensorflow/${name}`, content]));

// Crafted wheels are for one platform; pip refuses another's. The macOS and Windows names are in platform.ts.
describe.runIf(process.platform === 'linux' && process.arch === 'x64')('installLibrary by pip', () => {
  it('unpacks only the needed files, records their hashes, and is found', async () => {
    offer();
    const events: InstallEvent[] = [];
    const { location, record, downloaded } = await installLibrary({ onEvent: (event) => events.push(event) });
    expect(downloaded).toBe(true);
    const folder = join(cache, '2.21.0-cpu-linux-x64');
    expect(readdirSync(cache)).toEqual(['2.21.0-cpu-linux-x64']);
    expect(readdirSync(join(folder, 'tensorflow')).sort()).toEqual([
      'LICENSE',
      'libtensorflow_cc.so.2',
      'libtensorflow_framework.so.2',
    ]);
    expect(record).toMatchObject({ origin: 'tensorflow-cpu==2.21.0', version: '2.21.0', variant: 'cpu' });
    for (const { path, bytes, sha256 } of record.files) {
      const content = readFileSync(join(folder, path));
      expect(content.length).toBe(bytes);
      expect(createHash('sha256').update(content).digest('hex')).toBe(sha256);
    }
    expect(findLibrary()).toEqual(location);
    expect(location).toEqual({
      source: 'cache',
      folder: join(folder, 'tensorflow'),
      library: join(folder, 'tensorflow', 'libtensorflow_cc.so.2'),
      framework: join(folder, 'tensorflow', 'libtensorflow_framework.so.2'),
    });
    expect(events[0]).toMatchObject({
      kind: 'message',
      text: expect.stringMatching(/^downloading tensorflow-cpu 2\.21\.0, .*B, unpacks to about .*B, to /) as string,
    });
    expect(events.at(-1)).toMatchObject({ kind: 'progress', phase: 'unpack' });
  });

  it('does not download twice unless forced; the version installed last is found', async () => {
    offer();
    offer({ version: '2.20.0' });
    await installLibrary();
    await installLibrary({ version: '2.20.0' });
    expect(findLibrary().library).toContain('2.20.0-cpu');
    expect((await installLibrary()).downloaded).toBe(false);
    expect(findLibrary().library).toContain('2.21.0-cpu');
    expect((await installLibrary({ force: true })).downloaded).toBe(true);
    expect(readdirSync(cache).sort()).toEqual(['2.20.0-cpu-linux-x64', '2.21.0-cpu-linux-x64']);
  });

  it('replaces a damaged install', async () => {
    offer();
    const { location } = await installLibrary();
    const { length } = readFileSync(location.library);
    truncateSync(location.library, 100);
    expect(() => findLibrary()).toThrow(
      `${location.library} is damaged: ${length} bytes were installed, the file has 100; run \`pnpm tensorflow install\``,
    );
    expect((await installLibrary()).downloaded).toBe(true);
    expect(findLibrary()).toEqual(location);
  });

  it('uses the wheel of another Python version where this one has none', async () => {
    offer({ tags: 'cp313-cp313-manylinux_2_17_x86_64' });
    expect((await installLibrary()).downloaded).toBe(true);
  });

  it("puts the CUDA packages where the library's run path expects them", async () => {
    offer({
      name: 'tensorflow',
      metadata: [
        'Requires-Dist: numpy>=1.26.0',
        'Provides-Extra: and-cuda',
        'Requires-Dist: nvidia-cublas-cu12<13.0,>=12.5.3.2; extra == "and-cuda"',
        "Requires-Dist: nvidia-cuda-nvcc-cu12 (>=12.5.82) ; extra == 'and-cuda'",
        'Requires-Dist: tensorflow-io-gcs-filesystem>=0.23.1; extra == "gcs-filesystem"',
        '',
      ].join('\n'),
    });
    const tags = 'py3-none-manylinux2014_x86_64';
    const cublas = { 'nvidia/cublas/lib/libcublas.so.12': makeElf(), 'nvidia/cublas/include/cublas.h': 'no' };
    offer({ name: 'nvidia_cublas_cu12', version: '12.9.3.13', tags, files: cublas });
    const nvcc = {
      'nvidia/cuda_nvcc/bin/ptxas': 'an assembler',
      'nvidia/cuda_nvcc/nvvm/libdevice/libdevice.10.bc': 'code',
    };
    offer({ name: 'nvidia_cuda_nvcc_cu12', version: '12.9.86', tags, files: nvcc });
    const { record, location } = await installLibrary({ gpu: true });
    expect(record.origin).toBe('tensorflow[and-cuda]==2.21.0');
    expect(existsSync(join(location.folder, '../nvidia/cublas/lib/libcublas.so.12'))).toBe(true);
    expect(existsSync(join(location.folder, '../nvidia/cuda_nvcc/nvvm/libdevice/libdevice.10.bc'))).toBe(true);
    expect(record.files.map(({ path }) => path)).not.toContain('nvidia/cublas/include/cublas.h');
  });

  it('reports the size first and then the download, from a package index', async () => {
    const noise = Buffer.from(Array.from({ length: 300_000 }, (_, index) => Math.imul(index, 2654435761) >>> 24));
    const wheel = makeWheel({ files: { ...withLibraries(makeTensorflow()), 'tensorflow/python/noise.so': noise } });
    const events: InstallEvent[] = [];
    // The second half is sent when the first was reported, so the test needs no clock.
    let release = (): void => undefined;
    const listener = packageIndex([wheel], (content, response) => {
      const half = content.length >> 1;
      release = () => response.end(content.subarray(half));
      response.write(content.subarray(0, half));
    });
    await withServer(listener, async (address) => {
      vi.stubEnv('PIP_NO_INDEX', '');
      vi.stubEnv('PIP_FIND_LINKS', '');
      vi.stubEnv('PIP_INDEX_URL', `${address}/simple`);
      await installLibrary({
        onEvent: (event) => {
          events.push(event);
          if (event.kind === 'progress' && event.phase === 'download') release();
        },
      });
    });
    expect(events[0]?.kind).toBe('message');
    expect(events.filter((event) => event.kind === 'progress' && event.phase === 'download').length).toBeGreaterThan(0);
  });

  it('refuses a library that is truncated, for another machine, a text file, or missing', async () => {
    const good = makeTensorflow();
    const library = good['libtensorflow_cc.so.2']!;
    const cases: [LibraryErrorCode, Record<string, Buffer>][] = [
      ['damaged', { ...good, 'libtensorflow_cc.so.2': library.subarray(0, library.length - 10) }],
      ['wrong-architecture', makeTensorflow({ architecture: 'arm64' })],
      [
        'damaged',
        { ...good, 'libtensorflow_framework.so.2': Buffer.from('version https://git-lfs.github.com/spec/v1') },
      ],
      ['missing-framework', { 'libtensorflow_cc.so.2': library }],
      ['bad-archive', { README: library }],
    ];
    for (const [code, libraries] of cases) {
      offer({ files: withLibraries(libraries) });
      await refusal(code);
    }
  });

  it('refuses a file that differs from its RECORD, a cut wheel, and names that leave the folder', async () => {
    offer({ record: `tensorflow/libtensorflow_cc.so.2,sha256=${'A'.repeat(43)},1\n` });
    expect(await refusal('bad-archive')).toContain('RECORD');
    offer({ files: { ...withLibraries(makeTensorflow()), '../../escaped': 'out' } });
    expect(await refusal('bad-archive')).toContain('../../escaped');
    expect(existsSync(join(root, 'escaped'))).toBe(false);
    const { name, content } = offer();
    writeFileSync(join(wheels, name), content.subarray(0, content.length - 40));
    const error = await installLibrary().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: expect.stringMatching(/bad-archive|download-failed/) as string });
    expect(readdirSync(cache)).toEqual([]);
  });

  it('lists the available versions, and refuses an invalid version', async () => {
    offer({ version: '2.20.0' });
    expect(await refusal('download-failed')).toBe(
      'pip finds no tensorflow-cpu==2.21.0 for linux-x64; it offers 2.20.0',
    );
    expect(await refusal('bad-argument', { version: '../2.21' })).toContain('got "../2.21"');
  });

  it('reports a missing network in one line', async () => {
    vi.stubEnv('PIP_NO_INDEX', '');
    vi.stubEnv('PIP_FIND_LINKS', '');
    vi.stubEnv('PIP_INDEX_URL', await closedAddress());

    expect(await refusal('no-network')).toBe(
      'cannot download tensorflow-cpu==2.21.0: no connection to the package index',
    );
  });
});
