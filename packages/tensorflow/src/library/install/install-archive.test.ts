import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LibraryError, type LibraryErrorCode } from '../errors.ts';
import { findLibrary } from '../find.ts';
import { makeTar, makeZip, type TarEntry } from '../testing/archives.ts';
import { makeElf, makeTensorflow } from '../testing/binaries.ts';
import { closedAddress, withServer } from '../testing/server.ts';
import type { InstallEvent } from './events.ts';
import { selectFromArchive } from './from-archive.ts';
import { installLibrary } from './install.ts';

let root: string;
let cache: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'motley-archive-'));
  cache = join(root, 'cache', 'tensorflow');
  vi.stubEnv('MOTLEY_CACHE', join(root, 'cache'));
  vi.stubEnv('MOTLEY_TENSORFLOW_LIBRARY', '');
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true });
});

const library = makeElf({ needed: ['libtensorflow_framework.so.2'], contentBytes: 5000 });
const framework = makeTensorflow()['libtensorflow_framework.so.2']!;

/** The layout of the official archive: files are named by the whole version, links by parts of it. */
const OFFICIAL: TarEntry[] = [
  { name: './LICENSE', content: 'Apache License' },
  { name: './include/tensorflow/c/c_api.h', content: 'no header is needed' },
  { name: './lib/libtensorflow.so.2.18.0', content: library },
  { name: './lib/libtensorflow.so.2', link: { type: 'SymbolicLink', to: 'libtensorflow.so.2.18.0' } },
  { name: './lib/libtensorflow.so', link: { type: 'SymbolicLink', to: 'libtensorflow.so.2' } },
  { name: './lib/libtensorflow_framework.so.2.18.0', content: framework },
  { name: './lib/libtensorflow_framework.so.2', link: { type: 'SymbolicLink', to: '/etc/passwd' } },
];

const serve =
  (content: Buffer): RequestListener =>
  (_, response) =>
    response.setHeader('content-length', content.length).end(content);

const address = (base: string) => `${base}/versions/2.18.0/libtensorflow-cpu-linux-x86_64.tar.gz`;

async function refusal(code: LibraryErrorCode, listener: RequestListener): Promise<string> {
  const error = await withServer(listener, (base) =>
    installLibrary({ archive: address(base) }).catch((reason: unknown) => reason),
  );
  expect(error).toBeInstanceOf(LibraryError);
  expect(error).toMatchObject({ code });
  expect((error as Error).message).not.toContain('\n');
  expect(readdirSync(cache)).toEqual([]);
  return (error as Error).message;
}

// The crafted libraries are for Linux; the names of other platforms are tested below.
describe.runIf(process.platform === 'linux' && process.arch === 'x64')('installLibrary from an archive', () => {
  it('unpacks the libraries under the names by which they load each other, and follows no link', async () => {
    const events: InstallEvent[] = [];
    await withServer(serve(makeTar(OFFICIAL)), async (base) => {
      const { record, location } = await installLibrary({
        archive: address(base),
        onEvent: (event) => events.push(event),
      });
      expect(record).toMatchObject({ origin: address(base), version: '2.18.0', variant: 'archive' });
      expect(findLibrary()).toEqual(location);
    });
    const folder = join(cache, '2.18.0-archive-linux-x64', 'tensorflow');
    expect(readdirSync(folder).sort()).toEqual(['LICENSE', 'libtensorflow.so.2', 'libtensorflow_framework.so.2']);
    expect(readFileSync(join(folder, 'libtensorflow.so.2'))).toEqual(library);
    expect(readFileSync(join(folder, 'libtensorflow_framework.so.2'))).toEqual(framework);
    expect(events[0]).toMatchObject({ kind: 'message', text: expect.stringContaining('unpacks to about') as string });
    expect(events).toContainEqual(expect.objectContaining({ kind: 'progress', phase: 'download' }));
  });

  it('reads its address from MOTLEY_TENSORFLOW_ARCHIVE, and unpacks zip files', async () => {
    const files = { 'lib/libtensorflow.so.2': library, 'lib/libtensorflow_framework.so.2': framework };
    await withServer(serve(makeZip(files)), async (base) => {
      vi.stubEnv('MOTLEY_TENSORFLOW_ARCHIVE', `${base}/mine.zip`);
      const { record } = await installLibrary();
      expect(record).toMatchObject({ version: 'custom', variant: 'archive' });
    });
  });

  it('reports a cut connection, and how much was received', async () => {
    const content = makeTar(OFFICIAL);
    const message = await refusal('download-failed', (_, response) => {
      response.setHeader('content-length', content.length);
      response.write(content.subarray(0, 400), () => response.destroy());
    });
    expect(message).toMatch(/failed: the connection was cut after .*B of .*B$/);
  });

  it('refuses an error page, a page that is not an archive, and a missing server', async () => {
    expect(await refusal('download-failed', (_, response) => response.writeHead(404).end())).toContain(
      'answers 404 Not Found',
    );
    expect(await refusal('bad-archive', serve(Buffer.from('<html>log in first</html>')))).toContain('is damaged');
    const closed = await closedAddress();
    await expect(installLibrary({ archive: address(closed) })).rejects.toMatchObject({ code: 'no-network' });
    expect(readdirSync(cache)).toEqual([]);
  });

  it('refuses a cut archive and one without libraries', async () => {
    const content = makeTar(OFFICIAL);
    await refusal('bad-archive', serve(content.subarray(0, content.length - 200)));
    const links = OFFICIAL.filter(({ link }) => link !== undefined);
    expect(await refusal('bad-archive', serve(makeTar(links)))).toContain('holds no TensorFlow library for linux');
  });

  it('refuses names that leave the folder, and the same file twice', async () => {
    for (const name of ['../../escaped', 'lib/../../escaped', '/tmp/motley-escaped']) {
      const message = await refusal('bad-archive', serve(makeTar([...OFFICIAL, { name, content: 'out' }])));
      expect(message).toContain(
        `libtensorflow-cpu-linux-x86_64.tar.gz: temporary/archive holds ${JSON.stringify(name)}, outside its folder`,
      );
    }
    expect(existsSync(join(root, 'escaped')) || existsSync('/tmp/motley-escaped')).toBe(false);
    const twice = { name: './lib/libtensorflow.so.2.17.0', content: library };
    const error = await withServer(serve(makeTar([...OFFICIAL, twice])), (base) =>
      installLibrary({ archive: address(base) }).catch((reason: unknown) => reason),
    );
    expect(error).toMatchObject({ code: 'bad-archive' });
    expect(readdirSync(cache)).toEqual([]);
  });

  it('refuses addresses that are not http(s) or hold a password', async () => {
    for (const archive of ['ftp://host/a.tar.gz', 'file:///etc/passwd', 'a.tar.gz', 'http://user:secret@host/a.tar.gz'])
      await expect(installLibrary({ archive })).rejects.toMatchObject({ code: 'bad-argument' });
    await expect(installLibrary({ archive: 'http://user:secret@host/a' })).rejects.not.toThrow('secret');
  });
});

describe('selectFromArchive', () => {
  it.each([
    ['lib/libtensorflow.so.2.18.0', 'tensorflow/libtensorflow.so.2'],
    ['lib/libtensorflow_framework.so.2', 'tensorflow/libtensorflow_framework.so.2'],
    ['lib/libtensorflow.2.18.0.dylib', 'tensorflow/libtensorflow.2.dylib'],
    ['lib/libtensorflow_framework.2.dylib', 'tensorflow/libtensorflow_framework.2.dylib'],
    ['lib/tensorflow.dll', 'tensorflow/tensorflow.dll'],
    ['LICENSE', 'tensorflow/LICENSE'],
    ['lib/pkgconfig/tensorflow.pc', undefined],
    ['lib/tensorflow.lib', undefined],
    ['include/tensorflow/c/c_api.h', undefined],
  ])('%s → %s', (name, expected) => {
    expect(selectFromArchive(name)).toBe(expected);
  });
});
