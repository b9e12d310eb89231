import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, rmdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { UserError } from '../../config/errors.ts';
import type { MetricRecord, TrainingListener } from '../../loop/events.ts';
import { writeFigureFiles, type Figure } from '../figures/figure.ts';
import { orWarning } from '../figures/or-warning.ts';
import { findWorkspaceRoot, makeFolder, readUserFile, reasonOf, writeFileAtomically } from '../files.ts';
import { lockFolder, type FolderLock } from '../folder-lock.ts';
import type { Logger } from '../logging/logger.ts';
import { CheckpointStore, type LoadedCheckpoint } from './checkpoint-store.ts';
import { MAX_CONFIG_BYTES } from './config-file.ts';
import { MetricsLog } from './metrics-log.ts';
import { readSummary, summaryFileName, toJsonFile, type Summary } from './summary.ts';

/** Options of a new or resumed run folder. */
export interface RunFolderOptions {
  readonly system: string;
  /** Resolved configuration. */
  readonly config: object;
  /** Path of the folder. Default: `runs/<system>/<time>` at the root of the workspace. */
  readonly out?: string | undefined;
  readonly keepEverySteps?: number | null | undefined;
}

/** Folder of a run: configuration, metrics, checkpoints, figures, report, summary. */
export class RunFolder {
  /** Absolute path. */
  readonly path: string;
  readonly checkpoints: CheckpointStore;
  readonly #wasMade: boolean;
  readonly #wasEmpty: boolean;
  #previousConfig: Uint8Array | undefined;
  #hasBegun = false;
  #lock: FolderLock | undefined;
  #log: MetricsLog | undefined;
  #loggers: readonly Logger[] = [];

  private constructor(path: string, options: Omit<RunFolderOptions, 'config'>, found: 'made' | 'empty' | 'used') {
    this.path = path;
    this.#wasMade = found === 'made';
    this.#wasEmpty = found !== 'used';
    this.checkpoints = new CheckpointStore(join(path, 'checkpoints'), options.system, options.keepEverySteps ?? null);
  }

  /**
   * Creates a folder with its `config.json`, locked by this process until it is closed. Two runs in the same second get
   * different folders.
   * @throws UserError where it cannot be written, or holds a run already
   */
  static async create(options: RunFolderOptions): Promise<RunFolder> {
    const { out, system, config } = options;
    const path = out === undefined ? await makeTimedFolder(system) : resolve(out);
    const found = out === undefined ? 'made' : await useFolder(path);
    const folder = new RunFolder(path, options, found);
    try {
      folder.#lock = await lockFolder(path);
    } catch (error) {
      if (found === 'made') await rmdir(path);
      throw error;
    }
    try {
      await folder.#openLog();
      await writeFileAtomically(join(path, 'config.json'), toJsonFile(config));
    } catch (error) {
      await folder.discard();
      throw new UserError(`--out: ${(error as Error).message}`, { cause: error });
    }
    return folder;
  }

  /**
   * Opens the folder of an earlier run to resume it after a checkpoint, or from the start where there is none. Metrics
   * logged later are dropped.
   * @throws UserError where another process holds it
   */
  static async resume(
    path: string,
    checkpoint: Pick<LoadedCheckpoint, 'step' | 'bestStep'> | undefined,
    options: RunFolderOptions,
  ): Promise<RunFolder> {
    const folder = new RunFolder(resolve(path), options, 'used');
    const configPath = join(folder.path, 'config.json');
    folder.#previousConfig = await readUserFile(configPath, 'a configuration in JSON', MAX_CONFIG_BYTES);
    folder.#lock = await lockFolder(folder.path);
    try {
      await folder.#openLog(checkpoint?.step ?? 0);
      if (checkpoint !== undefined) folder.checkpoints.continueFrom(checkpoint);
      await writeFileAtomically(configPath, toJsonFile(options.config));
    } catch (error) {
      await folder.close();
      throw error;
    }
    return folder;
  }

  /** Opens the folder of an earlier run, to read it and to add figures. */
  static open(path: string, system: string): RunFolder {
    return new RunFolder(resolve(path), { system }, 'used');
  }

  /** Attaches loggers. They receive figures, and their files are removed with a run that never began. */
  attach(loggers: readonly Logger[]): void {
    this.#loggers = loggers;
  }

  /** Listener that writes the metrics and checkpoints of a training. */
  listener(): TrainingListener {
    return {
      onMetrics: (record) => this.#writeMetrics(record),
      onCheckpoint: (checkpoint) => {
        this.#hasBegun = true;
        return this.checkpoints.save(checkpoint);
      },
    };
  }

  /**
   * Writes `figures/<name>.png`, and `.svg` where the figure has one, and passes the figure to the loggers.
   * @param name kebab-case name
   * @returns path of the PNG
   * @throws StorageError where it cannot be written
   */
  async writeFigure(name: string, figure: Figure, step = 0): Promise<string> {
    this.#hasBegun = true;
    const path = await writeFigureFiles(this.path, name, figure);
    for (const logger of this.#loggers) await logger.onFigure?.(name, figure.png, step);
    return path;
  }

  /**
   * Writes one of a series of figures of a training, `figures/<name>/step-<step>.png`, and passes it to the loggers.
   * @param name kebab-case name
   * @returns path of the PNG
   * @throws StorageError where it cannot be written
   */
  async writeFigureOfStep(name: string, figure: Figure, step: number): Promise<string> {
    this.#hasBegun = true;
    const path = await writeFigureFiles(this.path, name, figure, step);
    for (const logger of this.#loggers) await logger.onFigure?.(name, figure.png, step);
    return path;
  }

  /** Writes the summary of a command, then the report of the whole folder. A report that fails is a warning. */
  async writeSummary(summary: Summary): Promise<void> {
    await writeFileAtomically(join(this.path, summaryFileName(summary.command)), toJsonFile(summary));
    // Loaded on demand: the chart library takes half a second, which `--help` should not wait for.
    const { renderReport } = await import('./report.ts');
    const report = await orWarning('report.html', () => renderReport(this.path));
    if (report !== undefined) await writeFileAtomically(join(this.path, 'report.html'), report);
  }

  /** Closes the log and releases the folder. */
  async close(): Promise<void> {
    await this.#log?.close();
    await this.#lock?.release();
    this.#log = undefined;
    this.#lock = undefined;
  }

  /**
   * Removes the files created here, where the run never began.
   * @returns false where the run had begun; nothing is removed then
   */
  async discard(): Promise<boolean> {
    if (this.#hasBegun) return false;
    await this.close();
    for (const logger of this.#loggers) await logger.discard?.();
    if (this.#previousConfig !== undefined)
      await writeFileAtomically(join(this.path, 'config.json'), this.#previousConfig);
    if (this.#wasEmpty) {
      for (const name of await readdir(this.path)) await rm(join(this.path, name), { recursive: true, force: true });
      if (this.#wasMade) await rmdir(this.path);
    }
    return true;
  }

  /** @param fromStep step that a run resumes from */
  async #openLog(fromStep?: number): Promise<void> {
    await makeFolder(join(this.path, 'checkpoints'));
    this.#log = await MetricsLog.open(join(this.path, 'metrics.jsonl'), fromStep);
  }

  async #writeMetrics(record: MetricRecord): Promise<void> {
    this.#hasBegun = true;
    await this.#log?.append(record);
  }
}

/** Folder with the runs of a system. */
export function runsFolder(system: string): string {
  return join(findWorkspaceRoot(), 'runs', system);
}

async function makeTimedFolder(system: string): Promise<string> {
  const parent = runsFolder(system);
  await makeFolder(parent);
  const time = new Date().toISOString().slice(0, 19).replace('T', '_').replaceAll(':', '-');
  for (let attempt = 1; ; attempt++) {
    // Names sort by creation time: `.` sorts after the end of a name, and `.02` before `.10`.
    const path = join(parent, attempt === 1 ? time : `${time}.${String(attempt).padStart(2, '0')}`);
    try {
      await mkdir(path);
      return path;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue;
      throw new UserError(`cannot make the folder ${path}: ${reasonOf(error)}`, { cause: error });
    }
  }
}

async function useFolder(path: string): Promise<'made' | 'empty' | 'used'> {
  if (existsSync(join(path, 'config.json'))) {
    throw new UserError(`--out: ${path} holds a run already; name another folder, or go on with --resume ${path}`);
  }
  if (await makeFolder(path)) return 'made';
  return (await readdir(path)).length === 0 ? 'empty' : 'used';
}

/**
 * Newest run of a system for which `isWanted` holds, by folder name.
 * @throws UserError where there is none
 */
export async function findNewestRun(
  system: string,
  wanted: string,
  isWanted: (path: string) => Promise<boolean>,
): Promise<string> {
  const parent = runsFolder(system);
  const names = await readdir(parent).catch(() => []);
  for (const name of names.sort().reverse()) {
    const path = join(parent, name);
    if (await isWanted(path)) return path;
  }
  throw new UserError(`no ${wanted} of ${system} in ${parent}; make one with the command train, or name its folder`);
}

/** Whether a folder holds a completed training. */
export async function isCompletedRun(path: string): Promise<boolean> {
  try {
    return (await readSummary(path, summaryFileName('train'))).status === 'completed';
  } catch (error) {
    // Without a valid summary, the run was not completed.
    if (error instanceof UserError) return false;
    throw error;
  }
}
