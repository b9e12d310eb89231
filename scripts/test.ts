import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findLibrary, LibraryError } from '@motley/tensorflow/library';

/**
 * `pnpm test`: lint, types and every test of every package, through turbo, which leaves out what has not changed.
 * Ends with the number of tests that passed and failed, and says why any was skipped.
 */
const root = join(import.meta.dirname, '..');

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

/** A cached result holds only for the library it was made with. */
function nativeLibrary(): string {
  try {
    return findLibrary().library;
  } catch (error) {
    if (!(error instanceof LibraryError)) throw error;
    console.error(`Native tests will be skipped: ${error.message}`);
    return 'none';
  }
}

const packages = ['packages', 'apps', 'tools'].flatMap((parent) =>
  readdirSync(join(root, parent)).map((name) => `${parent}/${name}`),
);
const reportOf = (name: string) => join(root, name, 'reports/vitest.json');
for (const name of packages) rmSync(reportOf(name), { force: true });

const tasks = ['lint', '//#lint:root', '//#lint:unused', 'typecheck', 'test'];
const flags = ['--continue', '--concurrency=2', '--output-logs=new-only', ...process.argv.slice(2)];
const turbo = spawnSync(join(root, 'node_modules/.bin/turbo'), ['run', ...tasks, ...flags], {
  cwd: root,
  stdio: ['ignore', 'inherit', 'inherit'],
  shell: process.platform === 'win32',
  env: { ...process.env, MOTLEY_TEST_LIBRARY: nativeLibrary(), TURBO_TELEMETRY_DISABLED: '1' },
});

const count = { passed: 0, failed: 0, skipped: 0 };
for (const name of packages.filter((candidate) => existsSync(reportOf(candidate)))) {
  const report = JSON.parse(readFileSync(reportOf(name), 'utf8')) as Report;
  for (const file of report.testResults) {
    const tests = file.assertionResults;
    if (file.status === 'failed' && tests.every((test) => test.status !== 'failed')) {
      count.failed++;
      console.error(`failed: ${file.name}: the file itself`);
    }
    for (const { status, fullName } of tests) {
      const kind = status === 'passed' || status === 'failed' ? status : 'skipped';
      count[kind]++;
      if (kind !== 'passed') console.error(`${kind}: ${name}: ${fullName}`);
    }
  }
}
if (turbo.status !== 0) console.error('A task above failed: lint, types or tests.');
const failed = turbo.status !== 0 || count.failed > 0 || count.passed === 0;
console.log(`${count.passed} passed, ${count.failed} failed${count.skipped > 0 ? `, ${count.skipped} skipped` : ''}`);
process.exitCode = failed ? 1 : 0;
