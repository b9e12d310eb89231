import { join } from 'node:path';
import type { ConfigDefinition } from '../../config/config.ts';
import type { GivenOptions, GivenValues, OptionShape } from '../commands/given-options.ts';
import { settingsOf, shownPath, userPath } from '../commands/options.ts';
import { commandOutput } from '../commands/output.ts';
import { writeFigureFiles } from '../figures/figure.ts';
import { makeFolder, writeFileAtomically } from '../files.ts';
import { lockFolder } from '../folder-lock.ts';
import { durationOf } from '../progress.ts';
import { recordData } from '../run/data-record.ts';
import { runsFolder } from '../run/run-folder.ts';
import { trainingsDisplay } from '../trainings/live-table.ts';
import { alignedTable, markdownTable } from '../trainings/text-table.ts';
import { trainAll, trainArguments, writeConfigs } from '../trainings/train-all.ts';
import { countLine } from '../trainings/training.ts';
import type { StudyOptions } from './options.ts';
import { chooseStudies, completedRuns, expectedSeconds, planStudy } from './plan.ts';
import { writeStudy, type StudyFile } from './study-file.ts';
import { tableOf, textOf } from './study-table.ts';
import type { AnyStudy, PlannedRun, PlannedStudy } from './study.ts';

export interface StudyExecution {
  readonly system: string;
  readonly config: ConfigDefinition;
  readonly studies: Readonly<Record<string, AnyStudy>>;
  /** Names as `study` or `study/variant`. Empty: all studies. */
  readonly names: readonly string[];
  readonly given: GivenOptions & StudyOptions;
  /** Options that `train` defines, which are passed on. */
  readonly trainShape: OptionShape;
  readonly own: GivenValues;
  readonly signal: AbortSignal;
}

/**
 * Runs the missing trainings of a system's studies. Prints the planned runs and their expected time, keeps completed
 * runs, resumes interrupted ones, then writes tables and calls `finish` of each study.
 * @returns `stopped` where the signal ended it
 * @throws UserError before any training, for unknown names, a folder in use or runs with another configuration; Error
 *   at the end, where a run failed
 */
export async function executeStudies(execution: StudyExecution): Promise<{ readonly status: 'completed' | 'stopped' }> {
  const { config, studies, given, signal } = execution;
  const data = await recordData(given.data === undefined ? undefined : userPath(given.data, 'study'));
  const sources = { config, fast: given.fast, set: settingsOf(given), seeds: given.seeds, data };
  const parent = studiesFolder(execution);
  const planned: PlannedStudy[] = [];
  for (const [name, variants] of chooseStudies(studies, execution.names))
    planned.push(await planStudy({ name, study: studies[name]!, folder: join(parent, name) }, variants, sources));
  const toTrain = planned
    .flatMap(({ runs }) => runs.filter(({ status, isChosen }) => status === 'waiting' && isChosen))
    .slice(0, given.limit);
  const { print, writeJson } = commandOutput(given.json === true);
  for (const plan of planned) describePlan(plan, toTrain, given.parallel).forEach(print);
  if (given.plan === true) return { status: 'completed' };
  const files: StudyFile[] = [];
  for (const plan of planned) {
    if (!signal.aborted) files.push(await executeStudy(execution, plan, toTrain, print));
  }
  if (given.json === true) writeJson(files);
  if (signal.aborted) return { status: 'stopped' };
  const failed = toTrain.filter(({ status }) => status === 'failed');
  if (failed.length > 0) {
    const [{ name, error }] = failed as [PlannedRun];
    throw new Error(`study: ${failed.length} of ${toTrain.length} runs failed; ${name}: ${error ?? 'no reason given'}`);
  }
  return { status: 'completed' };
}

async function executeStudy(
  execution: StudyExecution,
  plan: PlannedStudy,
  toTrain: readonly PlannedRun[],
  print: (line: string) => void,
): Promise<StudyFile> {
  const { folder, runs } = plan;
  await makeFolder(folder);
  const lock = await lockFolder(folder);
  try {
    const own = toTrain.filter((run) => runs.includes(run));
    await writeConfigs(folder, new Map(own.map(({ name, config }) => [name, config])));
    await train(execution, plan, own);
    return await writeResults(execution, plan, print);
  } finally {
    await lock.release();
  }
}

async function train(execution: StudyExecution, plan: PlannedStudy, toTrain: readonly PlannedRun[]): Promise<void> {
  const { system, given, own, trainShape, signal } = execution;
  const { parallel } = given;
  const display = trainingsDisplay<PlannedRun>({
    runs: toTrain,
    table: (runs, activity) => [
      ['run', 'seconds', 'status'],
      ...runs.map((run) => [run.name, run.wallTimeInSeconds?.toFixed(1) ?? '–', activity(run) ?? run.status]),
    ],
    remarks: () => leftOf(plan, toTrain, parallel),
  });
  try {
    await trainAll({
      folder: plan.folder,
      runs: toTrain,
      parallel,
      signal,
      display,
      trainArguments: trainArguments('study', given, own, trainShape),
      save: async () => {
        await writeStudy(system, plan, []);
      },
    });
  } finally {
    display.stop();
  }
}

/** Writes the table and `study.json`, and calls `finish`. */
async function writeResults(
  { system, given, signal }: StudyExecution,
  plan: PlannedStudy,
  print: (line: string) => void,
): Promise<StudyFile> {
  const { name, study, folder } = plan;
  const runs = await completedRuns(plan);
  const table = tableOf(study, runs);
  const file = await writeStudy(system, plan, table);
  const place = shownPath(folder, 'study');
  if (runs.length === 0) {
    print(`study ${name}: no run is completed yet: ${place}`);
    return file;
  }
  const text = textOf(study, table);
  await writeFileAtomically(join(folder, 'table.md'), markdownTable(text));
  alignedTable(text).forEach(print);
  if (!signal.aborted) {
    const writeFigure = writeFigureFiles.bind(undefined, folder);
    await study.finish?.({ runs, folder, signal, print, writeFigure });
  }
  print(`study ${name}: ${given.limit === 0 ? 'made anew' : countLine(plan.runs)}: ${place}`);
  return file;
}

/** Describes the planned runs by variant, and the expected time left. */
function describePlan(plan: PlannedStudy, toTrain: readonly PlannedRun[], parallel: number): string[] {
  const { name, study, folder, runs } = plan;
  const variants = Object.entries(study.variants).map(([variant, { description }]) => {
    const own = runs.filter((run) => run.variant === variant);
    const done = own.filter(({ status }) => status === 'completed').length;
    const seconds = expectedSeconds(plan, own[0]!);
    const each = done === own.length || seconds === undefined ? '' : `about ${durationOf(seconds)} each`;
    return [`  ${variant}`, description, `${done} of ${own.length} done`, each];
  });
  return [
    `study ${name}: ${study.description}`,
    ...alignedTable(variants),
    [countLine(runs), ...leftOf(plan, toTrain, parallel), shownPath(folder, 'study')].join(' · '),
  ];
}

/** Describes the expected time of the remaining runs of a study. */
function leftOf(plan: PlannedStudy, toTrain: readonly PlannedRun[], parallel: number): string[] {
  const left = toTrain.filter((run) => run.status === 'waiting' && plan.runs.includes(run));
  if (left.length === 0) return [];
  const seconds = left.map((run) => expectedSeconds(plan, run));
  const known = seconds.filter((each) => each !== undefined);
  if (known.length < left.length) return ['time unknown until a run has ended'];
  const total = known.reduce((sum, each) => sum + each, 0) / Math.min(parallel, left.length);
  return [`about ${durationOf(total)} for ${left.length} runs`];
}

/** Folder from `--out`, or `runs/<system>/study`. Runs of `--fast` are kept apart. */
function studiesFolder({ system, given }: StudyExecution): string {
  if (given.out !== undefined) return userPath(given.out, 'study');
  return join(runsFolder(system), given.fast === true ? 'study-fast' : 'study');
}
