import { readdirSync, statSync, type Dirent } from 'node:fs';
import { join } from 'node:path';
import { Slices } from '../files/slices.ts';
import type { Root } from './row.ts';

/** Folders between the folder of runs and a run, at most. */
const MAX_DEPTH = 6;
/** Folders that are looked at, at most: a folder of something else was named by mistake. */
const MAX_FOLDERS = 200_000;

/** A run's folder as found. */
export interface FoundRun {
  readonly path: string;
  readonly root: Root;
  readonly inode: number;
  /** Time of the folder itself: files written by renaming change it, appended ones do not. */
  readonly changedAt: number;
  readonly bornAt: number;
  /** Names in it. Undefined where it is the folder that `isKnown` knows. */
  readonly names: ReadonlySet<string> | undefined;
}

/** Whether a folder is a run that was read when it had this inode and time. */
export type IsKnown = (path: string, inode: number, changedAt: number) => boolean;

/** Whether a folder with these files is a run. */
function isRun(kind: Root['kind'], entries: readonly Dirent[]): boolean {
  return entries.some(
    (entry) =>
      entry.isFile() &&
      (kind === 'runs' ? entry.name === 'config.json' || entry.name === 'metrics.jsonl' : isEventFile(entry.name)),
  );
}

export function isEventFile(name: string): boolean {
  return name.includes('tfevents');
}

/**
 * Finds the runs below a folder. Links are not followed, names that begin with a point are passed over, and a run has no
 * runs in it, except where TensorBoard's folders nest.
 */
export async function findRuns(root: Root, isKnown: IsKnown): Promise<FoundRun[]> {
  const found: FoundRun[] = [];
  const slices = new Slices();
  let folders = 0;
  const visit = async (path: string, depth: number): Promise<void> => {
    await slices.pause();
    if (++folders > MAX_FOLDERS) return;
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats?.isDirectory() !== true) return;
    const place = { path, root, inode: stats.ino, changedAt: stats.mtimeMs, bornAt: stats.birthtimeMs };
    if (isKnown(path, stats.ino, stats.mtimeMs) && root.kind === 'runs') {
      found.push({ ...place, names: undefined });
      return;
    }
    let entries: Dirent[];
    try {
      entries = readdirSync(path, { withFileTypes: true });
    } catch {
      return;
    }
    if (isRun(root.kind, entries)) {
      found.push({ ...place, names: new Set(entries.map(({ name }) => name)) });
      if (root.kind === 'runs') return;
    }
    if (depth === MAX_DEPTH) return;
    for (const entry of entries)
      if (entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules')
        await visit(join(path, entry.name), depth + 1);
  };
  await visit(root.path, 0);
  return found;
}

/** State of a file in a few characters. Empty where it is missing. */
export function stampOf(path: string): { readonly stamp: string; readonly changedAt: number; readonly size: number } {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return { stamp: '', changedAt: 0, size: 0 };
  return { stamp: `${stats.ino}:${stats.size}:${stats.mtimeMs}`, changedAt: stats.mtimeMs, size: stats.size };
}
