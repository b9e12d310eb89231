import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { register } from '../register.ts';
import { describeNative } from '../testing.ts';
import { compile } from './compile.ts';
import { EngineMemory } from './engine-memory.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'motley-engines-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

describe('EngineMemory', () => {
  const open = () => new EngineMemory(join(folder, 'cache', 'engines.json'));

  it('remembers across instances', () => {
    expect(open().recall('a')).toBeUndefined();
    open().remember('a', 'xla');
    open().remember('b', 'grappler');
    expect([open().recall('a'), open().recall('b'), open().recall('c')]).toEqual(['xla', 'grappler', undefined]);
  });

  it('forgets the oldest entries', () => {
    const engines = Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`k${index}`, 'xla']));
    const path = join(folder, 'engines.json');
    writeFileSync(path, JSON.stringify({ version: 1, engines }));
    const memory = new EngineMemory(path);
    memory.remember('new', 'grappler');
    expect([memory.recall('k0'), memory.recall('k1'), memory.recall('new')]).toEqual([undefined, 'xla', 'grappler']);
    expect(Object.keys((JSON.parse(readFileSync(path, 'utf8')) as { engines: object }).engines)).toHaveLength(2000);
  });

  it.each([
    ['cut off', '{"version":1,"engi', /JSON/],
    ['of another version', '{"version":2,"engines":{}}', /expected \{"version":1/],
    ['of another engine', '{"version":1,"engines":{"a":"rm -rf"}}', /a: expected grappler or xla/],
    ['not an object', 'null', /expected/],
    ['huge', ' '.repeat(2 << 20), /larger than 1048576 bytes/],
  ])('a file that is %s is ignored with one line, and replaced', (_, text, reason) => {
    const path = join(folder, 'engines.json');
    writeFileSync(path, text);
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const memory = new EngineMemory(path);
    expect(memory.recall('a')).toBeUndefined();
    expect(warn.mock.calls).toEqual([[expect.stringMatching(reason)]]);
    expect(warn.mock.calls[0]![0]).toMatch(/^\S*engines\.json: ignored: [^\n]*$/);
    memory.remember('a', 'xla');
    expect(new EngineMemory(path).recall('a')).toBe('xla');
  });

  it('warns, and does not throw, if its folder cannot be made', () => {
    writeFileSync(join(folder, 'cache'), '');
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    open().remember('a', 'xla');
    expect(warn.mock.calls.at(-1)![0]).toMatch(/the engine chosen cannot be remembered/);
  });
});

describeNative('auto', () => {
  it('uses a remembered engine, and times the engines for an unknown graph', async () => {
    await register();
    vi.stubEnv('MOTLEY_CACHE', folder);
    const path = join(folder, 'engines.json');
    const make = (factor: number) => compile((x: tf.Tensor) => tf.mul(tf.tanh(x), factor));
    make(2)(tf.ones([3]));
    const text = readFileSync(path, 'utf8');
    const { engines } = JSON.parse(text) as { engines: Record<string, string> };
    const [key, found] = Object.entries(engines)[0]!;
    const other = found === 'xla' ? 'grappler' : 'xla';
    writeFileSync(path, JSON.stringify({ version: 1, engines: { [key]: other } }));
    const again = make(2);
    again(tf.ones([3]));
    expect(again.engine).toBe(other);
    make(3)(tf.ones([3])); // another graph
    const known = Object.keys((JSON.parse(readFileSync(path, 'utf8')) as { engines: object }).engines);
    expect(known).toHaveLength(2);
    expect(known).toContain(key);
  });

  it('does not time steps of more than a thousand operations', async () => {
    vi.stubEnv('MOTLEY_CACHE', folder);
    await register();
    const many = compile((x: tf.Tensor) => {
      let y = x;
      for (let index = 0; index < 600; index++) y = tf.tanh(tf.sin(y));
      return y;
    });
    many(tf.ones([2])).dispose();
    expect(many.engine).toBe('grappler');
    expect(existsSync(join(folder, 'engines.json'))).toBe(false);
    many.dispose();
  });

  it('writes no file where nothing was timed', async () => {
    await register();
    vi.stubEnv('MOTLEY_CACHE', folder);
    compile((x: tf.Tensor) => tf.add(x, 1), { engine: 'grappler' })(tf.ones([2]));
    expect(existsSync(join(folder, 'engines.json'))).toBe(false);
  });
});
