import { readFile } from 'node:fs/promises';
import { findHolder } from '@motley/run/folders';
import type { ProcessInfo } from '../../shared/api.ts';

/** Ticks a second of `/proc/<id>/stat`, the same on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4096;

const nothing: ProcessInfo = { processId: null, memoryBytes: null, cores: null };
/** Processor time at the last call, by process. */
const seen = new Map<number, { readonly ticks: number; readonly at: number }>();

/** Load and memory of the process that trains a run, where the system tells. */
export async function processOf(path: string): Promise<ProcessInfo> {
  const holder = await findHolder(path).catch(() => undefined);
  if (holder?.isAlive !== true) return nothing;
  const { processId } = holder;
  const text = await readFile(`/proc/${processId}/stat`, 'utf8').catch(() => '');
  // The fields after the program's name, which may have spaces: user and system time are 14 and 15, resident pages 24.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  if (fields.length < 22) return { processId, memoryBytes: null, cores: null };
  const ticks = Number(fields[11]) + Number(fields[12]);
  const now = { ticks, at: performance.now() };
  const before = seen.get(processId);
  if (seen.size > 1000) seen.clear();
  seen.set(processId, now);
  const seconds = before === undefined ? 0 : (now.at - before.at) / 1000;
  return {
    processId,
    memoryBytes: Number(fields[21]) * PAGE_BYTES,
    cores: before === undefined || seconds < 0.05 ? null : (ticks - before.ticks) / TICKS_PER_SECOND / seconds,
  };
}
