import { join } from 'node:path';
import type { SystemDescription } from '@motley/run/folders';
import type { RunRow, RunStatus } from '../../shared/api.ts';
import type { CurveStore, LoadedCurves } from '../curves/curve-store.ts';
import type { CurveSource } from '../curves/metrics-file.ts';
import { Slices } from '../files/slices.ts';
import { EventFolder, tailOfEvents } from '../tensorboard/event-folder.ts';
import { foreignFacts, readFacts, type RunFacts } from './facts.ts';
import { readIndex, writeIndex, type KeptRun } from './index-file.ts';
import { factsOfColumns, noMetrics, readTail, readWhole, type MetricFacts } from './metric-facts.ts';
import { idOf, rowOf, type Root } from './row.ts';
import { findRuns, isEventFile, stampOf, type FoundRun } from './scan.ts';
import { statusOf } from './status.ts';

/** A folder that changed so lately is looked at several times a second. */
const ACTIVE_FOR_MS = 120_000;
/** A row of a run that trains changes so often at most; its curves may grow more often. */
const ROW_EVERY_MS = 900;
/** Lines at the end of a log that tell the usual pause between two. */
const PAUSE_LINES = 20;

/** One run of the index. */
export interface IndexedRun {
  readonly path: string;
  readonly root: Root;
  readonly facts: RunFacts;
  readonly row: RunRow;
}

interface Entry {
  readonly path: string;
  readonly id: string;
  readonly root: Root;
  inode: number;
  folderAt: number;
  bornAt: number;
  names: ReadonlySet<string> | undefined;
  hasLock: boolean;
  facts: RunFacts;
  metricsStamp: string;
  metricsAt: number;
  metrics: MetricFacts;
  problems: readonly string[];
  pauseInMs: number;
  lengths: ReadonlyMap<string, number> | undefined;
  status: RunStatus;
  row: RunRow | undefined;
  json: string;
  toldAt: number;
}

/** Listener of an index. */
interface IndexListener {
  onRows(changed: readonly RunRow[], removed: readonly string[]): void;
  onMetrics(id: string, curves: readonly string[], lastStep: number): void;
}

export interface IndexOptions {
  readonly roots: readonly Root[];
  readonly indexFile: string;
  readonly store: CurveStore;
  readonly systemOf: (name: string) => SystemDescription | undefined;
  readonly listener: IndexListener;
}

/** All runs below some folders, as their files are now. */
export class RunIndex {
  readonly #options: IndexOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #paths = new Map<string, string>();
  #kept: Map<string, KeptRun> | undefined;
  #scanning: Promise<void> = Promise.resolve();
  #isChanged = false;

  constructor(options: IndexOptions) {
    this.#options = options;
    this.#kept = readIndex(options.indexFile);
  }

  get rows(): RunRow[] {
    return [...this.#entries.values()].flatMap(({ row }) => row ?? []);
  }

  get(id: string): IndexedRun | undefined {
    const entry = this.#entries.get(this.#paths.get(id) ?? '');
    return entry?.row === undefined ? undefined : { ...entry, row: entry.row };
  }

  /** Curves of a run as they are on the disk. */
  curves({ path, root }: Pick<IndexedRun, 'path' | 'root'>): Promise<LoadedCurves & { readonly growth: string }> {
    return root.kind === 'events'
      ? this.#options.store.load(path, () => new EventFolder(path))
      : this.#options.store.load(metricsPath(path));
  }

  /** Looks at all folders: reads what is new or changed since the last time, and no other. One look follows another. */
  scan(): Promise<void> {
    this.#scanning = this.#scanning.catch(() => undefined).then(() => this.#scan());
    return this.#scanning;
  }

  async #scan(): Promise<void> {
    const found = new Set<string>();
    const slices = new Slices();
    const touched: Entry[] = [];
    for (const root of this.#options.roots) {
      const isKnown = (path: string, inode: number, changedAt: number): boolean => {
        const known = this.#entries.get(path) ?? this.#kept?.get(path);
        return known?.inode === inode && known.folderAt === changedAt;
      };
      for (const run of await findRuns(root, isKnown)) {
        await slices.pause();
        found.add(run.path);
        if (this.#take(run)) touched.push(this.#entries.get(run.path)!);
      }
    }
    const removed: string[] = [];
    for (const [path, { id }] of this.#entries)
      if (!found.has(path)) {
        this.#entries.delete(path);
        this.#paths.delete(id);
        this.#options.store.forget(metricsPath(path));
        removed.push(id);
      }
    // Only the first scan finds what an earlier start kept.
    this.#kept = undefined;
    if (touched.length > 0 || removed.length > 0) this.#isChanged = true;
    await this.#tell(touched, removed);
  }

  /** Reads one run again, after a change by this program. */
  async refresh(id: string): Promise<RunRow | undefined> {
    const entry = this.#entries.get(this.#paths.get(id) ?? '');
    if (entry === undefined) return undefined;
    for (const run of await findRuns({ ...entry.root, path: entry.path }, () => false))
      if (run.path === entry.path && run.names !== undefined) this.#readSmallFiles(entry, { ...run, root: entry.root });
    this.#isChanged = true;
    await this.#tell([entry], []);
    return entry.row;
  }

  /** Follows the runs that may be training. */
  async follow(): Promise<void> {
    const now = Date.now();
    const touched: Entry[] = [];
    for (const entry of this.#entries.values()) {
      if (!isActive(entry, now)) continue;
      const { stamp, changedAt } = this.#metricsState(entry);
      if (stamp !== entry.metricsStamp || entry.lengths === undefined) {
        entry.metricsStamp = stamp;
        entry.metricsAt = changedAt;
        await this.#followMetrics(entry);
      }
      const folder = stampOf(entry.path);
      if (folder.stamp !== '' && folder.changedAt !== entry.folderAt) await this.refresh(entry.id);
      else if (now - entry.toldAt > ROW_EVERY_MS) touched.push(entry);
    }
    await this.#tell(touched, []);
  }

  /** Reads whole logs of which the end is known alone, the newest first. */
  async deepen(isStopped: () => boolean): Promise<void> {
    const slices = new Slices();
    const waiting = [...this.#entries.values()]
      .filter((entry) => !isRead(entry))
      .sort((a, b) => b.metricsAt - a.metricsAt);
    let touched: Entry[] = [];
    for (const entry of waiting) {
      if (isStopped()) return;
      if (isRead(entry)) continue;
      const metrics =
        entry.root.kind === 'events'
          ? factsOfColumns((await this.curves(entry)).source.columns)
          : await readWhole(metricsPath(entry.path), () => slices.pause());
      // It may have been followed meanwhile.
      if (!isRead(entry)) entry.metrics = metrics;
      touched.push(entry);
      this.#isChanged = true;
      if (touched.length < 50) continue;
      await this.#tell(touched, []);
      touched = [];
    }
    await this.#tell(touched, []);
  }

  /** Makes all rows anew, as when descriptions of systems have come. */
  async describe(): Promise<void> {
    await this.#tell([...this.#entries.values()], []);
  }

  /** Keeps what is known for the next start. */
  async save(): Promise<void> {
    if (!this.#isChanged) return;
    this.#isChanged = false;
    const kept = new Map<string, KeptRun>();
    for (const [path, entry] of this.#entries) {
      const { inode, folderAt, bornAt, hasLock, facts, metricsStamp, metricsAt, metrics } = entry;
      kept.set(path, { inode, folderAt, bornAt, hasLock, facts, metricsStamp, metricsAt, metrics });
    }
    await writeIndex(this.#options.indexFile, kept);
  }

  /** Takes a found run over. Returns whether anything changed. */
  #take(run: FoundRun): boolean {
    let entry = this.#entries.get(run.path);
    const isNew = entry === undefined;
    if (entry === undefined) {
      entry = this.#makeEntry(run);
      this.#entries.set(run.path, entry);
      this.#paths.set(entry.id, run.path);
    } else if (run.names !== undefined && (run.root.kind === 'runs' || run.changedAt !== entry.folderAt)) {
      this.#readSmallFiles(entry, run);
    }
    entry.names = run.names ?? entry.names;
    const { stamp, changedAt } = this.#metricsState(entry);
    const isGrown = stamp !== entry.metricsStamp;
    if (isGrown) {
      entry.metricsStamp = stamp;
      entry.metricsAt = changedAt;
      // Runs that are followed read their new lines there.
      if (entry.lengths === undefined) entry.metrics = this.#quickMetrics(entry);
    }
    return isNew || isGrown || run.names !== undefined;
  }

  #makeEntry(run: FoundRun): Entry {
    const kept = run.names === undefined || run.root.kind === 'events' ? this.#kept?.get(run.path) : undefined;
    const entry: Entry = {
      path: run.path,
      id: idOf(run.path),
      root: run.root,
      inode: run.inode,
      folderAt: run.changedAt,
      bornAt: run.bornAt,
      names: undefined,
      hasLock: kept?.hasLock ?? false,
      facts: kept?.facts ?? foreignFacts(run.bornAt),
      metricsStamp: kept?.metricsStamp ?? 'unread',
      metricsAt: kept?.metricsAt ?? 0,
      metrics: kept?.metrics ?? noMetrics,
      problems: [],
      pauseInMs: 0,
      lengths: undefined,
      status: 'unknown',
      row: undefined,
      json: '',
      toldAt: 0,
    };
    if (kept === undefined) this.#readSmallFiles(entry, run);
    return entry;
  }

  #readSmallFiles(entry: Entry, { inode, changedAt, bornAt, names, root }: FoundRun): void {
    if (names === undefined) return;
    entry.inode = inode;
    entry.folderAt = changedAt;
    entry.bornAt = bornAt;
    entry.names = names;
    entry.hasLock = names.has('lock');
    entry.facts = root.kind === 'events' ? foreignFacts(bornAt) : readFacts(entry.path, names, bornAt);
  }

  #metricsState(entry: Entry): { readonly stamp: string; readonly changedAt: number } {
    if (entry.root.kind === 'runs') return stampOf(metricsPath(entry.path));
    let [stamp, latest] = ['', 0];
    for (const name of [...(entry.names ?? [])].filter(isEventFile).sort()) {
      const state = stampOf(join(entry.path, name));
      stamp += `${state.stamp};`;
      latest = Math.max(latest, state.changedAt);
    }
    return { stamp, changedAt: latest };
  }

  #quickMetrics(entry: Entry): MetricFacts {
    if (entry.root.kind === 'runs') return readTail(metricsPath(entry.path));
    return { ...factsOfColumns(tailOfEvents(entry.path, entry.names ?? [])), isWhole: false };
  }

  async #followMetrics(entry: Entry): Promise<void> {
    let source: CurveSource;
    try {
      ({ source } = await this.curves(entry));
    } catch {
      // The folder may be gone: the next scan tells.
      return;
    }
    const { columns } = source;
    entry.metrics = factsOfColumns(columns);
    entry.problems = source.problems;
    const lengths = new Map([...columns.curves.values()].map(({ name, values }) => [name, values.length]));
    const before = entry.lengths;
    entry.lengths = lengths;
    entry.pauseInMs = usualPause(columns.times.view);
    this.#isChanged = true;
    if (before === undefined) return;
    const changed = [...lengths].flatMap(([name, length]) => (before.get(name) === length ? [] : [name]));
    if (changed.length > 0) this.#options.listener.onMetrics(entry.id, changed, entry.metrics.step ?? 0);
  }

  async #tell(touched: readonly Entry[], removed: readonly string[]): Promise<void> {
    const changed: RunRow[] = [];
    const now = Date.now();
    const slices = new Slices();
    for (const entry of touched) {
      await slices.pause();
      const changedAt = Math.max(entry.folderAt, entry.metricsAt);
      const { facts, hasLock, pauseInMs, root, problems } = entry;
      const isForeign = root.kind === 'events';
      entry.status = await statusOf(
        entry.path,
        { facts, hasLock, changedAt, usualPauseInMs: pauseInMs, isForeign },
        now,
      );
      const system = this.#options.systemOf(facts.system);
      const row = rowOf(entry.path, root, facts, entry.metrics, { status: entry.status, changedAt, problems }, system);
      const json = JSON.stringify(row);
      if (json === entry.json) continue;
      entry.row = row;
      entry.json = json;
      entry.toldAt = now;
      changed.push(row);
    }
    if (changed.length > 0 || removed.length > 0) this.#options.listener.onRows(changed, removed);
  }
}

function metricsPath(path: string): string {
  return join(path, 'metrics.jsonl');
}

/** Whether a run may be training. One that has ended and goes on takes its lock first, which the next scan finds. */
function isActive({ hasLock, folderAt, metricsAt, status, facts }: Entry, now: number): boolean {
  if (hasLock || status === 'running' || status === 'stalled') return true;
  return facts.status === null && now - Math.max(folderAt, metricsAt) < ACTIVE_FOR_MS;
}

/** Whether the whole log was read. */
function isRead({ metrics }: Entry): boolean {
  return metrics.isWhole;
}

/** Longest pause between the last lines, in milliseconds. */
function usualPause(times: Float64Array): number {
  let longest = 0;
  for (let line = Math.max(1, times.length - PAUSE_LINES); line < times.length; line++)
    longest = Math.max(longest, times[line]! - times[line - 1]!);
  return Number.isFinite(longest) ? 1000 * longest : 0;
}
