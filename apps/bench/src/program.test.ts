import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { runBench } from './program.ts';

describe('the command line', () => {
  let folder: string;
  let errors: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'motley-bench-'));
    errors = '';
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      errors += String(text);
      return true;
    });
  });

  afterEach(() => {
    vi.restoreAllMocks();
    rmSync(folder, { recursive: true });
  });

  it.each([
    [['egaer'], /^expected a step \(VAE, .*\), got egaer\n$/],
    [['VAE', '--precision', 'float16'], /'float16' is invalid.*float32, bfloat16/],
    [['--repeats', 'many'], /expected a whole number/],
    [['eager', '--repeat', '3'], "unknown option '--repeat' (Did you mean --repeats?)\n"],
    [['eager', '--repeats', 'many'], /'many' is invalid.*expected a whole number from 1 to 1000\.\n$/],
    [['eager', '--repeats', '0'], /'0' is invalid/],
    [['eager', '--repeats'], /argument missing\n$/],
    [['data', '--repeats', '0'], /'0' is invalid/],
    [['data', 'shapes'], /too many arguments/],
    [['eager', 'add'], /too many arguments/],
    [['setup', '--headers', '/nowhere.whl'], /^--headers: .*found no file \/nowhere\.whl\n$/],
  ])('refuses %j in one line, with status 2, writing nothing', async (argv, message) => {
    expect(await runBench(argv, folder)).toBe(2);
    expect(errors).toMatch(message);
    expect(errors.trimEnd()).not.toContain('\n');
    expect(readdirSync(folder)).toEqual([]);
  });
});
