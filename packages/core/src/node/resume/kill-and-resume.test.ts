import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { hasNative } from '../../testing/native.ts';
import { killAndResume } from './testing/kill-and-resume.ts';

// Runs on the JavaScript backend if TensorFlow's library is missing.
const backend = hasNative ? 'tensorflow' : 'cpu';

it('a run killed at random moments and resumed gives the same bits', { timeout: 300_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'motley-kills-'));
  try {
    const report = await killAndResume({ kills: 4, seed: 3, folder, backend });
    expect(report.kills).toBe(4);
    expect(report.moments.writing).toBeGreaterThan(0);
    expect(report.differences).toEqual([]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
