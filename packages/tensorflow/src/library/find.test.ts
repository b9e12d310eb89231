import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findLibrary, searchPlaces } from './find.ts';
import { RECORD_NAME } from './inspect-folder.ts';
import { makeElf, makeTensorflow } from './testing/binaries.ts';

let root: string;
const startFolder = process.cwd();

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'motley-find-')));
  process.chdir(root);
  vi.stubEnv('MOTLEY_CACHE', join(root, 'cache'));
  vi.stubEnv('MOTLEY_TENSORFLOW_LIBRARY', '');
  vi.stubEnv('VIRTUAL_ENV', '');
  vi.stubEnv('CONDA_PREFIX', '');
  vi.stubEnv('LD_LIBRARY_PATH', '');
});

afterEach(() => {
  process.chdir(startFolder);
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true });
});

function put(folder: string, files: Record<string, Buffer | string> = makeTensorflow()): string {
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

function putInstalled(name: string, installedAt: number): string {
  const folder = join(root, 'cache', 'tensorflow', `${name}-linux-x64`);
  const libraries = makeTensorflow();
  put(join(folder, 'tensorflow'), libraries);
  const files = Object.entries(libraries).map(([file, { length }]) => ({
    path: `tensorflow/${file}`,
    bytes: length,
    sha256: '',
  }));
  const record = { origin: 'a wheel', version: name, variant: 'cpu', installedAt: '', files };
  writeFileSync(join(folder, RECORD_NAME), JSON.stringify(record));
  utimesSync(join(folder, RECORD_NAME), installedAt, installedAt);
  return join(folder, 'tensorflow');
}

// The crafted libraries are for Linux; binary/verify.test.ts tests the other formats.
describe.runIf(process.platform === 'linux' && process.arch === 'x64')('findLibrary', () => {
  it('accepts the library file, its folder, or the folder above as setting', () => {
    const folder = put(join(root, 'mine', 'lib'));
    const expected = {
      source: 'setting',
      folder,
      library: join(folder, 'libtensorflow_cc.so.2'),
      framework: join(folder, 'libtensorflow_framework.so.2'),
    };
    for (const setting of [join(folder, 'libtensorflow_cc.so.2'), folder, join(root, 'mine')]) {
      expect(findLibrary({ setting })).toEqual(expected);
      vi.stubEnv('MOTLEY_TENSORFLOW_LIBRARY', setting);
      expect(findLibrary()).toEqual(expected);
    }
  });

  it('accepts a library of one file, without a framework', () => {
    const folder = put(join(root, 'one'), { 'libtensorflow.so.2': makeElf({ needed: ['libc.so.6'] }) });
    expect(findLibrary({ setting: folder })).toEqual({
      source: 'setting',
      folder,
      library: join(folder, 'libtensorflow.so.2'),
    });
  });

  it('never ignores a wrong setting, even if the cache has a library', () => {
    putInstalled('2.21.0-cpu', 1);
    expect(() => findLibrary({ setting: join(root, 'absent') })).toThrow(
      /setting names .*absent, which does not exist/,
    );
    expect(() => findLibrary({ setting: root })).toThrow('which holds no TensorFlow library');
    const text = put(join(root, 'text'), { 'libtensorflow_cc.so.2': 'not a library' });
    expect(() => findLibrary({ setting: text })).toThrow('is no shared library');
    const alone = put(join(root, 'alone'), { 'libtensorflow_cc.so.2': makeTensorflow()['libtensorflow_cc.so.2']! });
    expect(() => findLibrary({ setting: alone })).toThrow(
      /needs libtensorflow_framework.so.2, and .*alone does not have it/,
    );
    const foreign = put(join(root, 'foreign'), makeTensorflow({ architecture: 'arm64' }));
    expect(() => findLibrary({ setting: foreign })).toThrow('is for Linux on arm64');
  });

  it('finds the newest install in the cache, and refuses it when it is damaged', () => {
    putInstalled('2.20.0-cpu', 2000);
    const newest = putInstalled('2.21.0-gpu', 3000);
    putInstalled('2.19.0-cpu', 1000);
    mkdirSync(join(root, 'cache', 'tensorflow', '.staging-host-1-abcdef'));
    expect(findLibrary()).toMatchObject({ source: 'cache', folder: newest });
    writeFileSync(join(newest, 'libtensorflow_framework.so.2'), 'short');
    expect(() => findLibrary()).toThrow(
      /framework\.so\.2 is damaged: \d+ bytes were installed, the file has 5; run `pnpm tensorflow install --gpu`$/,
    );
    rmSync(join(newest, 'libtensorflow_framework.so.2'));
    expect(() => findLibrary()).toThrow('tensorflow/libtensorflow_framework.so.2 is gone');
  });

  it("finds the active Python's package without importing it, and none in the current folder", () => {
    const environment = join(root, 'venv');
    expect(spawnSync('python3', ['-m', 'venv', '--without-pip', environment]).status).toBe(0);
    vi.stubEnv('VIRTUAL_ENV', environment);
    put(join(root, 'tensorflow'));
    expect([...searchPlaces()].filter(({ source, library }) => source === 'python' && library)).toEqual([]);
    const [version] = readdirSync(join(environment, 'lib'));
    const folder = join(environment, 'lib', version!, 'site-packages', 'tensorflow');
    put(folder, { ...makeTensorflow(), '__init__.py': 'raise SystemExit("it was imported")' });
    expect(findLibrary()).toMatchObject({ source: 'python', folder });
  });

  it('finds the library that tfjs-node has downloaded', () => {
    vi.stubEnv('PATH', root); // no Python
    const modules = put(join(root, 'node_modules', '@tensorflow', 'tfjs-node'), { 'package.json': '{}' });
    const folder = put(join(modules, 'deps', 'lib'), {
      'libtensorflow.so.2': makeTensorflow()['libtensorflow_cc.so.2']!,
      'libtensorflow_framework.so.2': makeElf(),
    });
    expect(findLibrary()).toMatchObject({ source: 'tfjs-node', folder });
  });

  it('finds libraries where the loader searches', () => {
    vi.stubEnv('PATH', root);
    const folder = put(join(root, 'system'));
    vi.stubEnv('LD_LIBRARY_PATH', `/absent:${folder}`);
    expect(findLibrary()).toMatchObject({ source: 'system', folder });
  });

  it('skips a wrong library elsewhere, and reports it if there is no other', () => {
    vi.stubEnv('PATH', root);
    const bad = put(join(root, 'bad'), makeTensorflow({ architecture: 'arm64' }));
    const good = put(join(root, 'good'));
    vi.stubEnv('LD_LIBRARY_PATH', bad);
    expect(() => findLibrary()).toThrow('is for Linux on arm64');
    vi.stubEnv('LD_LIBRARY_PATH', `${bad}:${good}`);
    expect(findLibrary().folder).toBe(good);
  });

  it('names the command that installs a missing library', () => {
    vi.stubEnv('PATH', root);
    expect(() => findLibrary()).toThrow('no TensorFlow library on this machine; run `pnpm tensorflow install`');
    const sources = new Set([...searchPlaces()].map(({ source }) => source));
    expect([...sources]).toEqual(['cache', 'python', 'tfjs-node', 'system']);
  });
});
