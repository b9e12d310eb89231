import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeNative } from '../testing.ts';
import { IGNORED_SPECS } from './ignored.ts';
import { compare, type Report } from './report.ts';

const TIMEOUT_IN_MS = 300_000;
const SPEC_COUNT = 4230;
const MINIMUM_PASSED = 4220;

describeNative("tfjs-core's own specs", () => {
  // In a process of its own: the specs reset tfjs's engine and its environment.
  it(
    `pass on native TensorFlow, ${MINIMUM_PASSED} of ${SPEC_COUNT}, except those on the list of ignored ones`,
    () => {
      const cli = join(import.meta.dirname, 'cli.ts');
      const flags = ['--conditions=@motley/source', '--import', 'tsx'];
      const options = { encoding: 'utf8', timeout: TIMEOUT_IN_MS, maxBuffer: 1 << 26 } as const;
      const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, cli, '--json'], options);
      expect(stdout, stderr).not.toBe('');
      const report = JSON.parse(stdout) as Report;
      expect(report.failed).toEqual([]);
      expect(report.stale).toEqual([]);
      expect(report.total).toBe(SPEC_COUNT);
      expect(report.passed).toBeGreaterThanOrEqual(MINIMUM_PASSED);
      expect(report.passed + report.ignored).toBe(report.total);
      expect(status).toBe(0);
    },
    TIMEOUT_IN_MS,
  );
});

describe('compare', () => {
  const ignored = new Map([
    ['b', 'reason'],
    ['d', 'reason'],
  ]);
  const failing = { name: 'b', passed: false, error: 'no' };

  it('counts a failed spec as ignored if it is on the list, else as failed', () => {
    const other = { name: 'c', passed: false, error: 'no' };
    const results = [{ name: 'a', passed: true }, failing, other, { name: 'd', passed: false }];
    expect(compare(results, ignored, true)).toEqual({ total: 4, passed: 1, ignored: 2, failed: [other], stale: [] });
  });

  it('finds names on the list that pass, and after a complete run names without a spec', () => {
    const results = [{ name: 'b', passed: true }];
    expect(compare(results, ignored, false).stale).toEqual(['b']);
    expect(compare(results, ignored, true).stale).toEqual(['b', 'd']);
  });

  it('keeps a name on the list while one of the specs of that name fails', () => {
    expect(compare([{ name: 'b', passed: true }, failing], ignored, false).stale).toEqual([]);
  });
});

describe('IGNORED_SPECS', () => {
  it('gives a reason for every name', () => {
    for (const [name, reason] of IGNORED_SPECS) expect(reason, name).toMatch(/\w{3}/);
  });
});
