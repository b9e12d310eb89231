import { createHash } from 'node:crypto';
import { existsSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { findHolder, findWorkspaceRoot } from '@motley/run/folders';
import type { LaunchPlan, LaunchRow, RunRow, SystemInfo, TrashRow } from '../shared/api.ts';
import { ColumnsCache } from './curves/columns-cache.ts';
import { CurveStore } from './curves/curve-store.ts';
import { EventHub } from './events.ts';
import { Refused } from './http/refusal.ts';
import { LaunchQueue } from './launch/queue.ts';
import { launchArguments, parseLaunch, shownCommand } from './launch/request.ts';
import { writeMarks, type MarkChanges } from './run-folders/marks.ts';
import { idOf, type Root } from './run-folders/row.ts';
import { RunIndex, type IndexedRun } from './run-folders/run-index.ts';
import { Trash } from './run-folders/trash.ts';
import { Catalog, systemInfo } from './systems/catalog.ts';

const FOLLOW_EVERY_MS = 400;
const SCAN_EVERY_MS = 2000;
/** Part of a core that looking at all folders may take. */
const SCAN_SHARE = 0.02;
const SAVE_EVERY_MS = 30_000;

export interface StudioOptions {
  /** Folders of runs. Default: `runs` of the workspace. */
  readonly runs?: readonly string[];
  /** Folders of TensorBoard events. */
  readonly logs?: readonly string[];
  readonly isReadOnly?: boolean;
  /** Folder for what may be thrown away. */
  readonly cache?: string;
  /** Workspace whose systems can be launched. */
  readonly workspace?: string;
  /** Whether systems describe themselves in the background. Default true. */
  readonly describesSystems?: boolean;
}

/** Folder for what may be thrown away at any time. */
function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'motley', 'studio');
}

/** All that the studio knows and does, without HTTP. */
export class Studio {
  readonly hub = new EventHub();
  readonly index: RunIndex;
  readonly roots: readonly Root[];
  readonly catalog: Catalog;
  readonly queue: LaunchQueue;
  readonly trash: Trash;
  readonly isReadOnly: boolean;
  readonly cache: string;
  readonly #describesSystems: boolean;
  readonly #stopped = new Set<string>();
  #ready: Promise<void> | undefined;
  #loops: Promise<unknown>[] = [];
  #wake = new AbortController();
  #isClosed = false;

  constructor(options: StudioOptions = {}) {
    const workspace = options.workspace ?? findWorkspaceRoot();
    this.isReadOnly = options.isReadOnly ?? false;
    this.cache = options.cache ?? cacheFolder();
    this.#describesSystems = options.describesSystems ?? true;
    const logs = (options.logs ?? []).map((path): Root => ({ path: realFolder(path), kind: 'events' }));
    const isDefault = options.runs === undefined || options.runs.length === 0;
    // With a log folder alone, the workspace's runs are not asked for.
    const runs = isDefault ? (logs.length > 0 ? [] : [join(workspace, 'runs')]) : options.runs;
    this.roots = [...runs.map((path): Root => ({ path: realFolder(path), kind: 'runs' })), ...logs];
    this.catalog = new Catalog(workspace, join(this.cache, 'systems.json'), () => void this.index.describe());
    const names = this.roots.map(({ path, kind }) => `${kind}:${path}`).sort();
    const digest = createHash('sha256').update(names.join('\n')).digest('hex').slice(0, 16);
    this.index = new RunIndex({
      roots: this.roots,
      indexFile: join(this.cache, `index-${digest}.json`),
      store: new CurveStore(new ColumnsCache(join(this.cache, 'columns'))),
      systemOf: (name) => this.catalog.get(name),
      listener: {
        onRows: (changed, removed) => {
          this.hub.rows(changed, removed);
        },
        onMetrics: (id, curves, lastStep) => {
          this.hub.send({ kind: 'metrics', id, curves, lastStep });
        },
      },
    });
    this.trash = new Trash(this.roots);
    this.queue = new LaunchQueue(join(this.cache, 'launches'), (queue) => {
      this.hub.send({ kind: 'queue', queue });
    });
  }

  get canLaunch(): boolean {
    return !this.isReadOnly && this.catalog.programs.size > 0 && this.#runsRoot !== undefined;
  }

  /** First folder of runs, where launched runs go. */
  get #runsRoot(): string | undefined {
    return this.roots.find(({ kind }) => kind === 'runs')?.path;
  }

  /** Resolves when all folders have been looked at once. The first call starts it. */
  ready(): Promise<void> {
    this.#ready ??= this.#begin();
    return this.#ready;
  }

  async #begin(): Promise<void> {
    await this.index.scan();
    this.#loops = [this.#scanning(), this.#following(), this.#saving()];
    if (this.#describesSystems) this.#loops.push(this.catalog.load().catch(() => undefined));
  }

  /** Ends the loops, and keeps the index. Trainings go on. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#wake.abort();
    this.queue.close();
    this.catalog.close();
    await this.#ready;
    await Promise.all(this.#loops);
    await this.index.save();
  }

  /** @throws Refused where there is no such run */
  run(id: string): IndexedRun {
    const run = this.index.get(id);
    if (run === undefined) throw new Refused(404, 'run: expected the id of a run that is there');
    return run;
  }

  /** @throws Refused where the run is read-only */
  #ownRun(id: string): IndexedRun {
    const run = this.run(id);
    if (run.root.kind !== 'runs') throw new Refused(403, "run: TensorBoard's folders are read-only");
    return run;
  }

  async systems(): Promise<SystemInfo[]> {
    const described = await this.catalog.load();
    return described.map((each) => systemInfo(each, this.catalog.programs.get(each.name)!));
  }

  async mark(id: string, changes: MarkChanges): Promise<RunRow> {
    const { path, facts } = this.#ownRun(id);
    await writeMarks(path, facts.marks, changes);
    return (await this.index.refresh(id))!;
  }

  /** Asks the training of a run to save and to end. */
  async stop(id: string): Promise<void> {
    const { path } = this.#ownRun(id);
    const holder = await findHolder(path).catch(() => undefined);
    if (holder?.isAlive !== true) throw new Refused(409, 'stop: no process of this machine trains this run');
    const key = `${path}:${holder.processId}`;
    // A second signal would end it at once, without saving.
    if (this.#stopped.has(key)) return;
    this.#stopped.add(key);
    process.kill(holder.processId, 'SIGINT');
  }

  /** Moves a run to the trash. */
  async remove(id: string): Promise<TrashRow> {
    const run = this.#ownRun(id);
    const holder = await findHolder(run.path).catch(() => undefined);
    if (holder !== undefined && holder.isAlive !== false)
      throw new Refused(409, 'delete: the run is in use; stop it first');
    const row = await this.trash.put(run);
    await this.index.scan();
    return row;
  }

  async restore(id: string): Promise<RunRow> {
    const path = await this.trash.restore(id);
    await this.index.scan();
    return this.run(idOf(path)).row;
  }

  /**
   * Launches a command of a system, or says what it would be.
   * @param body of the request, from outside
   */
  async launch(body: unknown): Promise<LaunchRow | LaunchPlan> {
    const request = parseLaunch(body);
    const program = this.catalog.programs.get(request.system);
    const root = this.#runsRoot;
    if (program === undefined)
      throw new Refused(400, `system: expected one of ${[...this.catalog.programs.keys()].join(', ')}`);
    if (root === undefined) throw new Refused(400, 'launch: expected a folder of runs, and the studio has none');
    await this.catalog.load();
    const description = this.catalog.get(program.name);
    if (description === undefined) throw new Refused(503, `${program.name}: its command line does not start`);
    const run = request.run === undefined ? undefined : this.#ownRun(request.run);
    if (run !== undefined && run.facts.system !== program.name)
      throw new Refused(400, `run: expected one of ${program.name}, got one of ${run.facts.system}`);
    const folder = join(root, program.name);
    const places = { folder, runPath: run?.path, time: freeTime(folder) };
    const { argv, settings, out } = launchArguments(request, description, places);
    const shown = shownCommand(program, argv);
    if (request.isDry === true) return { command: shown };
    // A preset alone was just described by the system itself.
    if (settings.includes('--set')) await this.catalog.check(program, settings);
    return this.queue.add({ program, argv, shown, run: out === undefined ? null : idOf(out) });
  }

  async #scanning(): Promise<void> {
    await this.index.deepen(() => this.#isClosed);
    let took = 0;
    while (await this.#pause(Math.max(SCAN_EVERY_MS, took / SCAN_SHARE))) {
      const before = process.cpuUsage();
      await quietly(() => this.index.scan());
      const { user, system } = process.cpuUsage(before);
      took = (user + system) / 1000;
      await quietly(() => this.index.deepen(() => this.#isClosed));
    }
  }

  async #following(): Promise<void> {
    while (await this.#pause(FOLLOW_EVERY_MS)) await quietly(() => this.index.follow());
  }

  async #saving(): Promise<void> {
    do await quietly(() => this.index.save());
    while (await this.#pause(SAVE_EVERY_MS));
  }

  /** @returns false where the studio is closed */
  async #pause(milliseconds: number): Promise<boolean> {
    await new Promise<void>((done) => {
      const timer = setTimeout(finish, milliseconds);
      const { signal } = this.#wake;
      function finish(): void {
        clearTimeout(timer);
        signal.removeEventListener('abort', finish);
        done();
      }
      if (signal.aborted) finish();
      else signal.addEventListener('abort', finish);
    });
    return !this.#isClosed;
  }
}

/** Runs a step of a loop. A folder that disappears while it is read is no reason to end the loop. */
async function quietly(step: () => Promise<void>): Promise<void> {
  try {
    await step();
  } catch (error) {
    process.stderr.write(`studio: ${(error as Error).message.split('\n')[0]!}\n`);
  }
}

/** Path without links. One that is not there yet stays as it is. */
function realFolder(path: string): string {
  const absolute = resolve(path);
  return statSync(absolute, { throwIfNoEntry: false }) === undefined ? absolute : realpathSync(absolute);
}

/** Folders that were named and perhaps not made yet. */
const named = new Set<string>();

/** Time as the name of a folder that no run has yet. */
export function freeTime(folder: string): string {
  const time = new Date().toISOString().slice(0, 19).replace('T', '_').replaceAll(':', '-');
  for (let attempt = 1; ; attempt++) {
    const name = attempt === 1 ? time : `${time}.${String(attempt).padStart(2, '0')}`;
    const path = join(folder, name);
    if (named.has(path) || existsSync(path)) continue;
    named.add(path);
    return name;
  }
}
