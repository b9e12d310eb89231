import type { RunRow, SystemInfo } from '../../shared/api.ts';
import { compareValues, fieldOf } from './fields.ts';
import { parseFilter } from './filter.ts';

export const GROUPS = ['none', 'system', 'study', 'sweep', 'status'] as const;
type Group = (typeof GROUPS)[number];

/** View of the table: its search, order and groups. */
export interface TableView {
  readonly search: string;
  /** Field to sort by, `-` before it for the largest first. */
  readonly sort: string;
  readonly group: Group;
  readonly closed: ReadonlySet<string>;
  readonly isAwayShown: boolean;
}

/** One line of the table: a run, or the head of a group. */
export type TableLine =
  | { readonly kind: 'run'; readonly row: RunRow }
  | { readonly kind: 'group'; readonly name: string; readonly count: number; readonly isClosed: boolean };

export interface TableLines {
  readonly lines: readonly TableLine[];
  /** Runs that the search leaves, those of closed groups too. */
  readonly found: readonly RunRow[];
  readonly error: string | undefined;
}

/** Lines of the table. A search that cannot be read leaves every run, and says why. */
export function tableLines(
  runs: readonly RunRow[],
  view: TableView,
  systems: ReadonlyMap<string, SystemInfo>,
): TableLines {
  const filter = parseFilter(view.search);
  const isAwayAsked = view.isAwayShown || /\bis:away\b|\baway\b\s*[=!]/.test(view.search);
  const { test } = filter;
  const found = runs.filter((row) => (isAwayAsked || !row.isPutAway) && (test === undefined || test(row, systems)));
  sortRuns(found, view.sort, systems);
  if (view.group === 'none') return { lines: found.map((row) => ({ kind: 'run', row })), found, error: filter.error };
  const groups = new Map<string, RunRow[]>();
  for (const row of found) {
    const name = String(fieldOf(row, view.group, systems) ?? '');
    const own = groups.get(name);
    if (own === undefined) groups.set(name, [row]);
    else own.push(row);
  }
  const names = [...groups.keys()].sort((a, b) => compareValues(a, b, false));
  const lines: TableLine[] = [];
  for (const name of names) {
    const rows = groups.get(name)!;
    const isClosed = view.closed.has(name);
    lines.push({ kind: 'group', name, count: rows.length, isClosed });
    if (!isClosed) for (const row of rows) lines.push({ kind: 'run', row });
  }
  return { lines, found, error: filter.error };
}

function sortRuns(rows: RunRow[], sort: string, systems: ReadonlyMap<string, SystemInfo>): void {
  const isDescending = sort.startsWith('-');
  const name = isDescending ? sort.slice(1) : sort;
  const keys = new Map(rows.map((row) => [row, fieldOf(row, name, systems)]));
  rows.sort((a, b) => compareValues(keys.get(a), keys.get(b), isDescending) || a.id.localeCompare(b.id));
}
