import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConfigDefinition } from '../../config/config.ts';
import { UserError } from '../../config/errors.ts';
import type { GivenOptions, GivenValues, OptionShape } from '../commands/given-options.ts';
import { settingsOf, shownPath, userPath } from '../commands/options.ts';
import { commandOutput } from '../commands/output.ts';
import { writeFigureFiles } from '../figures/figure.ts';
import { makeFolder, namesInFolder, writeFileAtomically } from '../files.ts';
import { lockFolder } from '../folder-lock.ts';
import { readConfigFile } from '../run/config-file.ts';
import { dataToResume, recordData, writeDataRecord } from '../run/data-record.ts';
import { isCompletedRun, runsFolder } from '../run/run-folder.ts';
import { trainingsDisplay } from '../trainings/live-table.ts';
import { alignedTable, markdownTable } from '../trainings/text-table.ts';
import { trainAll, trainArguments, withData, writeConfigs } from '../trainings/train-all.ts';
import { countLine } from '../trainings/training.ts';
import type { SweepOptions } from './options.ts';
import { bestMetric, splitMetric } from './outcome.ts';
import { listPoints } from './search-space.ts';
import { byMetric, readSweep, writeSweep, type Sweep, type SweepRun } from './sweep-file.ts';
import { sweepTable, sweepView } from './table.ts';

const SHOWN_ROWS = 10;

export interface SweepExecution {
  readonly system: string;
  readonly config: ConfigDefinition;
  readonly given: GivenOptions & SweepOptions;
  /** Options that `train` defines, which are passed on. */
  readonly trainShape: OptionShape;
  readonly own: GivenValues;
  readonly signal: AbortSignal;
}

/**
 * Runs trainings over fields of the configuration, each in its own process and folder, several at a time. Keeps
 * `sweep.json` up to date, and writes a table and figures. A resumed sweep keeps completed runs and resumes interrupted
 * ones from their checkpoints. A failed run is a row of the table.
 * @returns `stopped` where the signal ended it
 * @throws UserError for an invalid search, before any file is created; Error where every run failed
 */
export async function executeSweep(execution: SweepExecution): Promise<{ readonly status: 'completed' | 'stopped' }> {
  const { given, signal } = execution;
  const { folder, sweep } = given.resume === undefined ? await createSweep(execution) : await resumeSweep(execution);
  const { print, writeJson } = commandOutput(given.json === true);
  print(`${countLine(sweep.runs)}: ${shownPath(folder, 'sweep')}`);
  const lock = await lockFolder(folder);
  try {
    await runAll(execution, folder, sweep);
    await writeResults(folder, sweep, execution.config);
  } finally {
    await lock.release();
  }
  if (given.json === true) writeJson(sweep);
  else describe(folder, sweep).forEach(print);
  if (signal.aborted) return { status: 'stopped' };
  const failed = sweep.runs.find(({ status }) => status === 'failed');
  if (failed !== undefined && sweep.runs.every(({ status }) => status === 'failed')) {
    throw new Error(`sweep: every run failed; ${failed.name}: ${failed.error ?? 'no reason given'}`);
  }
  return { status: 'completed' };
}

async function createSweep(execution: SweepExecution): Promise<{ folder: string; sweep: Sweep }> {
  const { system, config, given, own, trainShape } = execution;
  const metric = given.metric ?? 'validation.loss';
  splitMetric(metric);
  const space = { grid: given.grid ?? [], random: given.random ?? [], runs: given.runs, seed: given.sweepSeed };
  const points = listPoints(config, space);
  const file = given.config === undefined ? undefined : await readConfigFile(userPath(given.config, 'sweep'));
  // All records first, so that an invalid value ends the sweep before it begins.
  const configs = points.map((point) => {
    const set = Object.entries(point).map(([path, text]) => {
      const flag = space.grid.some((each) => each.startsWith(`${path}=`)) ? '--grid' : '--random';
      return { flag, path, text };
    });
    return config.resolve({ preset: given.preset, file, fast: given.fast, set: [...settingsOf(given), ...set] });
  });
  const data = await recordData(dataPathOf(given));
  const folder = await makeSweepFolder(system, given.out);
  const digits = String(points.length).length;
  const runs = points.map((point, index): SweepRun => {
    const name = `run-${String(index + 1).padStart(digits, '0')}`;
    return { name, status: 'waiting', point, metric: null, wallTimeInSeconds: null, error: null };
  });
  await writeConfigs(folder, new Map(runs.map(({ name }, index) => [name, configs[index]])));
  const sweep: Sweep = {
    system,
    metric,
    goal: given.maximize === true ? 'maximize' : 'minimize',
    trainArguments: trainArguments('sweep', given, own, trainShape),
    best: null,
    runs,
  };
  await writeSweep(folder, sweep);
  await writeDataRecord(folder, data);
  return { folder, sweep };
}

function dataPathOf({ data }: GivenOptions): string | undefined {
  return data === undefined ? undefined : userPath(data, 'sweep');
}

async function resumeSweep({ system, given }: SweepExecution): Promise<{ folder: string; sweep: Sweep }> {
  const fixed = ['preset', 'config', 'fast', 'out', 'set', 'grid', 'random', 'runs', 'metric', 'maximize'] as const;
  const excluded = fixed.find((name) => given[name] !== undefined);
  if (excluded !== undefined) {
    throw new UserError(`--${excluded}: expected without --resume, which goes on with the sweep's own search`);
  }
  const folder = given.resume === true ? await findNewestSweep(system) : userPath(given.resume!, 'sweep');
  const sweep = await readSweep(folder);
  if (sweep.system !== system)
    throw new UserError(`${folder}: expected a sweep of ${system}, found one of ${sweep.system}`);
  const data = await dataToResume(folder, dataPathOf(given));
  if (data !== undefined) {
    sweep.trainArguments = withData(sweep.trainArguments, data.path);
    await writeDataRecord(folder, data);
  }
  for (const run of sweep.runs) {
    const path = join(folder, run.name);
    // The run's own summary is newer than an interrupted table.
    const isCompleted = await isCompletedRun(path);
    const metric = isCompleted ? await bestMetric(path, sweep) : null;
    Object.assign(run, { status: isCompleted ? 'completed' : 'waiting', error: null, metric });
  }
  return { folder, sweep };
}

async function runAll(execution: SweepExecution, folder: string, sweep: Sweep): Promise<void> {
  const display = trainingsDisplay(sweepView(sweep));
  try {
    await trainAll({
      folder,
      runs: sweep.runs.filter(({ status }) => status === 'waiting'),
      parallel: execution.given.parallel,
      trainArguments: sweep.trainArguments,
      signal: execution.signal,
      display,
      async onEnd(run) {
        run.metric = run.status === 'failed' ? null : await bestMetric(join(folder, run.name), sweep);
      },
      save() {
        sweep.best = [...sweep.runs].sort(byMetric(sweep.goal)).find(({ metric }) => metric !== null)?.name ?? null;
        return writeSweep(folder, sweep);
      },
    });
  } finally {
    display.stop();
  }
}

function sweepsFolder(system: string): string {
  return join(runsFolder(system), 'sweeps');
}

/** Folder from `--out`, or `runs/<system>/sweeps/<time>`. */
async function makeSweepFolder(system: string, out: string | undefined): Promise<string> {
  const time = new Date().toISOString().slice(0, 19).replace('T', '_').replaceAll(':', '-');
  const folder = out === undefined ? join(sweepsFolder(system), time) : userPath(out, 'sweep');
  if (!(await makeFolder(folder)) && (await readdir(folder)).length > 0) {
    throw new UserError(`--out: ${folder} is not empty; name another folder, or go on with sweep --resume ${folder}`);
  }
  return folder;
}

async function findNewestSweep(system: string): Promise<string> {
  const parent = sweepsFolder(system);
  const names = await namesInFolder(parent);
  const newest = names
    .filter((name) => existsSync(join(parent, name, 'sweep.json')))
    .sort()
    .at(-1);
  if (newest === undefined) throw new UserError(`no sweep of ${system} in ${parent}; make one, or name its folder`);
  return join(parent, newest);
}

/** Writes `sweep.md` and the figures. */
async function writeResults(folder: string, sweep: Sweep, config: ConfigDefinition): Promise<void> {
  await writeSweep(folder, sweep);
  await writeFileAtomically(join(folder, 'sweep.md'), markdownTable(sweepTable(sweep)));
  // Loaded on demand: the chart library takes half a second, which an error message should not wait for.
  const { sweepFigures } = await import('./figures.ts');
  for (const [name, figure] of Object.entries(await sweepFigures(folder, sweep, config)))
    await writeFigureFiles(folder, name, figure);
}

function describe(folder: string, sweep: Sweep): string[] {
  const rows = sweepTable(sweep);
  const left = rows.length - 1 - SHOWN_ROWS;
  const best = sweep.runs.find(({ name }) => name === sweep.best);
  return [
    ...alignedTable(rows.slice(0, SHOWN_ROWS + 1)),
    ...(left > 0 ? [`and ${left} more: ${shownPath(join(folder, 'sweep.md'), 'sweep')}`] : []),
    best === undefined
      ? `no run has the metric ${sweep.metric}`
      : `best: ${shownPath(join(folder, best.name), 'sweep')} (${sweep.metric} ${Number(best.metric!.toPrecision(6))})`,
  ];
}
