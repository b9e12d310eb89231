import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '@motley/test-tools';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkName, finishSystem, writeSystem } from './create-system.ts';

const root = join(import.meta.dirname, '../../..');
const cli = join(import.meta.dirname, 'cli.ts');

describe('the name', () => {
  it.each(['Sine', '9-lives', '-x', 'x-', 'a--b', 'a_b', '../x', '', 'x'.repeat(41), 'net-3d'])(
    'is not "%s"',
    (name) => {
      expect(() => {
        checkName(root, name);
      }).toThrow(`create-system: expected a kebab-case name of at most 40 characters, such as sine-rnn, got "${name}"`);
    },
  );

  it.each([
    ['vae', 'packages/vae'],
    ['bench', 'apps/bench'],
    ['conventions', 'tools/conventions'],
  ])('is not %s, which is taken', (name, path) => {
    expect(() => {
      checkName(root, name);
    }).toThrow(`got "${name}", which ${path} has`);
  });
});

describe('the command line', () => {
  it.each([
    [['vae'], 'which packages/vae has'],
    [[], 'expected one name, got 0'],
    [['a', 'b'], 'expected one name, got 2'],
  ])('ends with 2 and one line at %j', async (argv, message) => {
    const { status, errors } = await runProgram(cli, argv);
    expect(errors.trim().split('\n')).toEqual([expect.stringContaining(message)]);
    expect(status).toBe(2);
  });
});

describe('a system that was just created', () => {
  const name = 'wide-rings-mlp';
  let copy: string;
  let system: string;

  /** Runs a program in the copy, and expects it to succeed. */
  function run(folder: string, program: string, ...argv: readonly string[]): string {
    const { status, stdout, stderr } = spawnSync(program, argv, {
      cwd: join(copy, folder),
      encoding: 'utf8',
      env: { ...process.env, INIT_CWD: undefined },
    });
    expect({ status, output: status === 0 ? '' : stdout + stderr }).toEqual({ status: 0, output: '' });
    return stdout;
  }
  const bin = (tool: string): string => join(system, 'node_modules/.bin', tool);

  beforeAll(async () => {
    copy = await mkdtemp(join(tmpdir(), 'motley-create-system-'));
    system = join(copy, 'packages', name);
    const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
      cwd: root,
      encoding: 'utf8',
    });
    for (const file of files.split('\0').filter((each) => each !== '' && existsSync(join(root, each))))
      cpSync(join(root, file), join(copy, file));
    run('.', 'git', 'init', '--quiet');
    finishSystem(copy, await writeSystem(copy, name));
  }, 300_000);
  afterAll(() => rm(copy, { recursive: true }));

  it('has its name everywhere', () => {
    const files = readdirSync(system, { recursive: true, encoding: 'utf8' }).filter(
      (file) => /\.(ts|json|md)$/.test(file) && !file.startsWith('node_modules'),
    );
    expect(files.length).toBeGreaterThan(15);
    expect(files.filter((file) => /new-?system/i.test(readFileSync(join(system, file), 'utf8')))).toEqual([]);
    expect(readFileSync(join(system, 'src/config.ts'), 'utf8')).toContain('type WideRingsMlpConfig =');
    expect(readFileSync(join(copy, `.changeset/add-${name}.md`), 'utf8')).toContain(`'@motley/${name}': minor`);
  });

  it('is typed, linted and formatted', { timeout: 300_000 }, () => {
    run(`packages/${name}`, bin('tsc'));
    run('.', 'node_modules/.bin/eslint', `packages/${name}/src`);
    run('.', 'node_modules/.bin/prettier', '--check', `packages/${name}`);
  });

  it('passes its own tests and those of the conventions', { timeout: 300_000 }, () => {
    run(`packages/${name}`, bin('vitest'), 'run');
    run('tools/conventions', bin('vitest'), 'run', '-t', `packages/${name}`);
  });

  it('trains, evaluates and predicts', { timeout: 300_000 }, () => {
    const command = (...argv: readonly string[]): string =>
      run(
        `packages/${name}`,
        process.execPath,
        '--conditions=@motley/source',
        '--import',
        'tsx',
        'src/cli.ts',
        ...argv,
        '--backend',
        'cpu',
      );
    expect(command('train', '--fast')).toMatch(/^completed in .*runs\/wide-rings-mlp\//m);
    expect(command('evaluate')).toMatch(/^test: loss .* accuracy/m);
    expect(command('predict', '0,1')).toMatch(/^0,1: inner \d/m);
  });
});
