import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeFileAtomically } from '@motley/run/folders';
import { readSmall } from '../files/read-small.ts';
import type { RunFacts } from './facts.ts';
import type { MetricFacts } from './metric-facts.ts';

/** Changes with every change of what is kept. */
const FORMAT = 'motley-studio-index-1';
const MAX_BYTES = 2 ** 28;

/** Run as kept in the index, with the state of the files that it was read from. */
export interface KeptRun {
  readonly inode: number;
  readonly folderAt: number;
  readonly bornAt: number;
  readonly hasLock: boolean;
  readonly facts: RunFacts;
  readonly metricsStamp: string;
  readonly metricsAt: number;
  readonly metrics: MetricFacts;
}

/** Runs by path as kept by an earlier start. Empty where there are none, or damaged ones. */
export function readIndex(path: string): Map<string, KeptRun> {
  const bytes = readSmall(path, MAX_BYTES);
  if (!(bytes instanceof Buffer)) return new Map();
  try {
    const { format, runs } = JSON.parse(bytes.toString('utf8')) as { format?: unknown; runs?: object };
    // Written by this program alone, under its format.
    return new Map(format === FORMAT ? Object.entries(runs as Readonly<Record<string, KeptRun>>) : []);
  } catch {
    return new Map();
  }
}

/** Keeps the index. Where it cannot be written, the next start reads the folders again. */
export async function writeIndex(path: string, runs: ReadonlyMap<string, KeptRun>): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFileAtomically(path, JSON.stringify({ format: FORMAT, runs: Object.fromEntries(runs) }));
  } catch {
    // The cache is a convenience.
  }
}
