import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findLibrary } from './library/find.ts';
import { describeNative } from './testing.ts';
import { keepXlaCode } from './xla-cache.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'motley-xla-'));
  writeFileSync(join(root, 'library.so'), 'a library');
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

const keep = (environment: NodeJS.ProcessEnv, version = '2.21.0') =>
  keepXlaCode(join(root, 'library.so'), version, environment);

describe('keepXlaCode', () => {
  it('names a folder for this machine and library, and keeps the flags that are set', () => {
    const environment = { MOTLEY_CACHE: root, TF_XLA_FLAGS: '--tf_xla_clustering_debug' };
    const folder = keep(environment)!;
    expect(folder.startsWith(join(root, 'xla'))).toBe(true);
    expect(environment.TF_XLA_FLAGS).toBe(
      `--tf_xla_clustering_debug --tf_xla_persistent_cache_directory=${folder} --tf_xla_persistent_cache_device_types=CPU`,
    );
    expect(keep({ MOTLEY_CACHE: root })).toBe(folder);
    expect(keep({ MOTLEY_CACHE: root }, '2.20.0')).not.toBe(folder);
    writeFileSync(join(root, 'library.so'), 'another library');
    expect(keep({ MOTLEY_CACHE: root })).not.toBe(folder);
  });

  it.each([
    ['an old TensorFlow', {}, '2.15.1'],
    ['the user’s own cache', { TF_XLA_FLAGS: '--tf_xla_persistent_cache_directory=/x' }, '2.21.0'],
    ['a folder that a flag cannot name', { MOTLEY_CACHE: '/tmp/a b' }, '2.21.0'],
    ['a folder that cannot be made', { MOTLEY_CACHE: '/dev/null/x' }, '2.21.0'],
  ])('leaves %s alone', (_, given, version) => {
    const environment: NodeJS.ProcessEnv = { MOTLEY_CACHE: root, ...given };
    expect(keep(environment, version)).toBeUndefined();
    expect(environment).toEqual({ MOTLEY_CACHE: root, ...given });
  });

  it('removes damaged and unfinished entries, and keeps the rest', () => {
    const folder = keep({ MOTLEY_CACHE: root })!;
    // A field of 3 bytes, one of 200.
    const whole = Buffer.concat([Buffer.of(0x0a, 3, 1, 2, 3, 0x1a, 0xc8, 0x01), Buffer.alloc(200)]);
    const files: Record<string, Uint8Array> = {
      'whole.pb': whole,
      'cut.pb': whole.subarray(0, -1),
      'cut-in-a-length.pb': whole.subarray(0, 7),
      'empty.pb': Buffer.alloc(0),
      'text.pb': Buffer.from('garbage'),
      'old.pb.1.tmp': whole,
      'new.pb.2.tmp': whole.subarray(0, 3),
    };
    for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
    utimesSync(join(folder, 'old.pb.1.tmp'), 0, 0);
    keep({ MOTLEY_CACHE: root });
    expect(readdirSync(folder).sort()).toEqual(['new.pb.2.tmp', 'whole.pb']);
  });

  it('removes the oldest entries beyond the bound', () => {
    const folder = keep({ MOTLEY_CACHE: root })!;
    mkdirSync(folder, { recursive: true });
    const bytes = 300_000_000;
    const header = [0x0a];
    for (let rest = bytes; rest > 0; rest = Math.floor(rest / 0x80))
      header.push((rest % 0x80) | (rest > 0x7f ? 0x80 : 0));
    for (const [age, name] of ['newest.pb', 'older.pb'].entries()) {
      writeFileSync(join(folder, name), Uint8Array.from(header));
      truncateSync(join(folder, name), header.length + bytes); // sparse
      utimesSync(join(folder, name), 1e9 - age, 1e9 - age);
    }
    keep({ MOTLEY_CACHE: root });
    expect(readdirSync(folder)).toEqual(['newest.pb']);
  });
});

describeNative('machine code of XLA', () => {
  it('is loaded by the next process with the same bits, and compiled again where damaged', { timeout: 120_000 }, () => {
    const script = join(import.meta.dirname, 'fixtures', 'xla-step.ts');
    // The library itself may lie in the usual cache folder.
    const environment = { MOTLEY_CACHE: root, MOTLEY_TENSORFLOW_LIBRARY: findLibrary().folder, TF_XLA_FLAGS: '' };
    const run = (others: number) => {
      const { stdout, stderr } = spawnSync(
        process.execPath,
        ['--conditions=@motley/source', '--import', 'tsx', script, String(others)],
        { encoding: 'utf8', env: { ...process.env, ...environment } },
      );
      expect(stdout, stderr).toMatch(/^[0-9a-f]+\n$/);
      return stdout;
    };
    const first = run(0);
    const [machine] = readdirSync(join(root, 'xla'));
    const folder = join(root, 'xla', machine!);
    const files = readdirSync(folder);
    expect(files).toHaveLength(1);
    const [entry] = files.map((name) => join(folder, name));
    const code = readFileSync(entry!);
    utimesSync(entry!, 1e9, 1e9);
    expect(run(3)).toBe(first); // other functions before it
    expect(readdirSync(folder)).toEqual(files);
    truncateSync(entry!, code.length - 100);
    expect(run(0)).toBe(first);
    expect(readFileSync(entry!).length).toBeGreaterThan(code.length - 100);
  });
});
