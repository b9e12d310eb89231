import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockFolder } from '@motley/run/folders';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { statusOf, type Signs } from './status.ts';

const NOW = 1_000_000_000;
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motley-status-'));
});
afterEach(() => rm(folder, { recursive: true }));

const signs = (more: Partial<Signs> = {}): Signs => ({
  facts: { status: null, hasStart: true, hasWeights: false },
  hasLock: false,
  changedAt: NOW - 1000,
  usualPauseInMs: 0,
  isForeign: false,
  ...more,
});

describe('statusOf', () => {
  it('is running while the process lives and the folder changes, else stalled', async () => {
    const lock = await lockFolder(folder);
    const of = (more: Partial<Signs>) => statusOf(folder, signs({ hasLock: true, ...more }), NOW);
    expect(await of({})).toBe('running');
    expect(await of({ changedAt: NOW - 120_000 })).toBe('stalled');
    // A validation of minutes is no fault where all of them take as long.
    expect(await of({ changedAt: NOW - 120_000, usualPauseInMs: 30_000 })).toBe('running');
    // A stopped run that goes on has the summary of its first part.
    expect(await of({ facts: { status: 'stopped', hasStart: true, hasWeights: true } })).toBe('running');
    await lock.release();
  });

  it('is killed where the process is gone, and unknown for that of another machine', async () => {
    const lock = (host: string, processId: number) =>
      writeFile(join(folder, 'lock'), JSON.stringify({ host, processId, startedAt: '1' }));
    const of = (more: Partial<Signs> = {}) => statusOf(folder, signs({ hasLock: true, ...more }), NOW);
    await lock(hostname(), 2 ** 22 + 1);
    expect(await of()).toBe('killed');
    // The same number, another process.
    await lock(hostname(), process.pid);
    expect(await of()).toBe('killed');
    await lock('elsewhere', 1);
    expect([await of(), await of({ changedAt: NOW - 3_600_000 })]).toEqual(['running', 'unknown']);
    await writeFile(join(folder, 'lock'), 'damaged');
    expect(await of()).toBe('killed');
  });

  it('is what the summary says, and killed without one', async () => {
    const of = (more: Partial<Signs>) => statusOf(folder, signs(more), NOW);
    for (const status of ['completed', 'stopped', 'failed'] as const)
      expect(await of({ facts: { status, hasStart: true, hasWeights: true } })).toBe(status);
    expect(await of({})).toBe('killed');
    const others = { status: null, hasStart: false, hasWeights: false };
    expect([await of({ facts: others }), await of({ facts: others, changedAt: 0 })]).toEqual(['running', 'unknown']);
    expect([await of({ isForeign: true }), await of({ isForeign: true, changedAt: 0 })]).toEqual([
      'running',
      'unknown',
    ]);
  });
});
