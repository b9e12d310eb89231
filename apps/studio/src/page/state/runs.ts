import { computed, signal } from '@preact/signals';
import type { RunMarks, RunRow, StudioEvent, StudioState, SystemInfo } from '../../shared/api.ts';
import { say } from './notices.ts';
import { lineOf, server } from './requests.ts';

/** Every run by its id; undefined until the first list came. */
export const runsById = signal<ReadonlyMap<string, RunRow> | undefined>(undefined);
export const runs = computed<readonly RunRow[]>(() => [...(runsById.value?.values() ?? [])]);
/** Counts up with every list that was read anew: pages that hold more of a run ask again. */
export const listVersion = signal(0);
export const studio = signal<StudioState | undefined>(undefined);
export const systems = signal<readonly SystemInfo[]>([]);
/** Whether something may be changed. */
export const canChange = computed(() => studio.value !== undefined && !studio.value.isReadOnly);
export const canLaunch = computed(() => canChange.value && studio.value?.canLaunch === true);

let version = -1;

/** Reads the list of runs, and what the studio can do. */
export async function loadRuns(): Promise<void> {
  try {
    const [list, state] = await Promise.all([server.runs(), server.state()]);
    version = list.version;
    runsById.value = new Map(list.runs.map((row) => [row.id, row]));
    studio.value = state;
    listVersion.value++;
  } catch (error) {
    say(lineOf(error), 'bad');
    return;
  }
  if (systems.value.length === 0) void loadSystems();
}

/** Reads the systems with their fields: the defaults that a filter compares with, and the form of a launch. */
export async function loadSystems(): Promise<void> {
  try {
    systems.value = await server.systems();
  } catch (error) {
    say(lineOf(error), 'bad');
  }
}

/** Takes changes of the stream. Those that are older than the list are left out. */
export function applyRunChanges(event: Extract<StudioEvent, { kind: 'runs' }>): void {
  if (runsById.value === undefined || event.version <= version) return;
  version = event.version;
  const next = new Map(runsById.value);
  for (const row of event.changed) next.set(row.id, row);
  for (const id of event.removed) next.delete(id);
  runsById.value = next;
}

/** Changes what is kept about a run. The page shows it at once, and takes it back where the server refuses. */
export async function changeRun(id: string, changes: RunMarks): Promise<void> {
  const before = runsById.value?.get(id);
  if (before === undefined) return;
  put({ ...before, ...changes });
  try {
    await server.change(id, changes);
  } catch (error) {
    put(before);
    say(lineOf(error), 'bad');
  }
}

function put(row: RunRow): void {
  const next = new Map(runsById.value);
  next.set(row.id, row);
  runsById.value = next;
}

/** Moves runs to the trash. */
export async function removeRuns(ids: readonly string[]): Promise<void> {
  const removed: string[] = [];
  for (const id of ids) {
    try {
      await server.remove(id);
      removed.push(id);
    } catch (error) {
      say(`${runsById.value?.get(id)?.name ?? id}: ${lineOf(error)}`, 'bad');
    }
  }
  const next = new Map(runsById.value);
  for (const id of removed) next.delete(id);
  runsById.value = next;
  if (removed.length > 0) say(`${removed.length === 1 ? 'A run is' : `${removed.length} runs are`} in the trash.`);
}
