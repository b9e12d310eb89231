import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { DoctorReport } from './library/index.ts';
import { makeTensorflow } from './library/testing/binaries.ts';

const cli = fileURLToPath(new URL('./cli.ts', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'motley-cli-'));

afterAll(() => {
  rmSync(root, { recursive: true });
});

function run(arguments_: string[], environment: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...process.execArgv, cli, ...arguments_], {
    encoding: 'utf8',
    env: {
      ...process.env,
      MOTLEY_TENSORFLOW_ARCHIVE: '',
      MOTLEY_TENSORFLOW_LIBRARY: '',
      MOTLEY_CACHE: root,
      ...environment,
    },
  });
  return { status, stdout, stderr };
}

describe('the command line', () => {
  it.each([
    [['instal'], "error: unknown command 'instal' (Did you mean install?)"],
    [['install', '--gqu'], "error: unknown option '--gqu' (Did you mean --gpu?)"],
    [['doc\u001b[31mtor'], String.raw`error: unknown command 'doc\u001b[31mtor'`],
    [['doctor', 'now'], "error: too many arguments for 'doctor'. Expected 0 arguments but got 1."],
    [['install', '--tf-version'], "error: option '--tf-version <version>' argument missing"],
    [['install', '--tf-version', 'latest'], 'error: a TensorFlow version looks like 2.21.0, got "latest"'],
    [
      ['install', '--archive', 'ftp://host/a'],
      `error: the archive's address must be an http(s) URL, got "ftp://host/a"`,
    ],
  ])('%j is refused in one line, with exit status 2', (arguments_, message) => {
    expect(run(arguments_)).toEqual({ status: 2, stdout: '', stderr: `${message}\n` });
  });

  it('prints its help', () => {
    const { status, stdout } = run(['install', '--help']);
    expect(status).toBe(0);
    for (const option of ['--gpu', '--tf-version', '--archive', '--force', '--json']) expect(stdout).toContain(option);
  });

  it('doctor explains as text and as JSON why a library does not load', () => {
    // Its headers are whole, so only the loader in the child process refuses it.
    const folder = join(root, 'whole');
    mkdirSync(folder);
    for (const [name, content] of Object.entries(makeTensorflow())) writeFileSync(join(folder, name), content);
    const people = run(['doctor'], { MOTLEY_TENSORFLOW_LIBRARY: folder });
    expect(people).toMatchObject({ status: 1, stderr: '' });
    expect(people.stdout).toMatch(
      /^TensorFlow {2}not usable\nlibrary .*\(setting\)\nproblem .*\ncure +unset MOTLEY_TENSORFLOW_LIBRARY\n/,
    );
    const programs = run(['doctor', '--json'], { MOTLEY_TENSORFLOW_LIBRARY: folder });
    const report = JSON.parse(programs.stdout) as DoctorReport;
    expect(programs.status).toBe(1);
    expect(report.usable).toBe(false);
    expect(report.problem?.message).toMatch(/libtensorflow_cc\.so\.2 does not load: /);
    expect(report.searched[0]).toMatchObject({ source: 'setting', where: folder, result: 'found' });
    expect(report.system).toMatchObject({
      platform: process.platform,
      arch: process.arch,
      node: process.versions.node,
    });
    expect(report.cache.freeBytes).toBeGreaterThan(0);
  });

  it.skipIf(!existsSync('/dev/full'))('says in one line that its output cannot be written (needs /dev/full)', () => {
    const full = openSync('/dev/full', 'w');
    const { status, stderr } = spawnSync(process.execPath, [...process.execArgv, cli, 'doctor'], {
      encoding: 'utf8',
      stdio: ['ignore', full, 'pipe'],
    });
    closeSync(full);
    expect([status, stderr]).toEqual([1, 'error: ENOSPC: no space left on device, write\n']);
  });

  it('doctor names the command that installs a missing library', () => {
    const { status, stdout } = run(['doctor'], { PATH: root, LD_LIBRARY_PATH: '', VIRTUAL_ENV: '' });
    expect(status).toBe(1);
    expect(stdout).toContain(
      'problem     no TensorFlow library on this machine\ncure        pnpm tensorflow install\n',
    );
    expect(stdout).toContain('installer   the official C library archive');
  });
});
