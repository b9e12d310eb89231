import { findHolder } from '@motley/run/folders';
import type { RunStatus } from '../../shared/api.ts';
import type { RunFacts } from './facts.ts';

/** A living process whose folder did not change for so long has stalled. */
const QUIET_IN_MS = 60_000;

/** Signs of its process in a run's folder. */
export interface Signs {
  readonly facts: Pick<RunFacts, 'status' | 'hasStart' | 'hasWeights'>;
  readonly hasLock: boolean;
  readonly changedAt: number;
  /** Usual time between two changes. A validation may take long. */
  readonly usualPauseInMs: number;
  readonly isForeign: boolean;
}

/** Status of a run as it is now, by its process and its last sign of life. */
export async function statusOf(path: string, signs: Signs, now: number): Promise<RunStatus> {
  const { facts, hasLock, changedAt, usualPauseInMs, isForeign } = signs;
  const isFresh = now - changedAt < Math.max(QUIET_IN_MS, 10 * usualPauseInMs);
  if (isForeign) return isFresh ? 'running' : 'unknown';
  if (hasLock) {
    const holder = await findHolder(path).catch(() => undefined);
    if (holder?.isAlive === true) return isFresh ? 'running' : 'stalled';
    if (holder?.isAlive === false) return 'killed';
    if (holder !== undefined) return isFresh ? 'running' : 'unknown';
  }
  if (facts.status !== null) return facts.status;
  if (facts.hasStart || facts.hasWeights) return 'killed';
  // Another program's folder, which no lock tells of.
  return isFresh ? 'running' : 'unknown';
}
