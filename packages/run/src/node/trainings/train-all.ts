import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { kebabCase, listFields } from '../../config/fields.ts';
import type { GivenOptions, GivenValues, OptionShape } from '../commands/given-options.ts';
import { userPath } from '../commands/options.ts';
import { makeFolder, writeFileAtomically } from '../files.ts';
import { lockFolder } from '../folder-lock.ts';
import { toJsonFile } from '../run/summary.ts';
import { runChild } from './child-run.ts';
import type { TrainingsDisplay } from './live-table.ts';
import type { Training } from './training.ts';

/** Time for a process to save a checkpoint when it is asked to end. */
const PATIENCE_IN_MS = 60_000;

/** Several trainings in one folder: `configs/<name>.json` holds the configuration of each, `<name>/` its run. */
export interface TrainAllOptions<Run extends Training> {
  readonly folder: string;
  /** Runs to train, in this order. */
  readonly runs: readonly Run[];
  /** Number of runs at a time. */
  readonly parallel: number;
  /** Arguments of `train` besides configuration and folder. */
  readonly trainArguments: readonly string[];
  /** Asks running trainings to save and to end. No other one starts. */
  readonly signal: AbortSignal;
  readonly display: TrainingsDisplay<Run>;
  /** Called when a run has ended, with its status set. */
  readonly onEnd?: (run: Run) => Promise<void>;
  /** Saves the state of all runs, whenever one has changed. Calls never overlap. */
  readonly save: () => Promise<void>;
}

/** Writes the configurations of the trainings. */
export async function writeConfigs(folder: string, configs: ReadonlyMap<string, unknown>): Promise<void> {
  await makeFolder(join(folder, 'configs'));
  for (const [name, config] of configs) await writeFileAtomically(configPath(folder, name), toJsonFile(config));
}

/**
 * Trains each run in its own process and folder, several at a time. A folder that holds a run already is resumed from
 * its newest checkpoint. A failed training does not end the others.
 * @throws errors of `save`, once running trainings have ended
 */
export async function trainAll<Run extends Training>(options: TrainAllOptions<Run>): Promise<void> {
  const { runs, parallel, display, save } = options;
  // After an error such as a full disk, the other runs are not left behind.
  const failure = new AbortController();
  const signal = AbortSignal.any([options.signal, failure.signal]);
  const waiting = [...runs];
  let saved = Promise.resolve();
  const update = (run: Run, values: Partial<Training>): Promise<void> => {
    Object.assign(run, values);
    display.onChange(run);
    saved = saved.then(save);
    return saved;
  };
  const worker = async (): Promise<void> => {
    for (let run = waiting.shift(); run !== undefined && !signal.aborted; run = waiting.shift()) {
      await trainOne({ ...options, signal }, run, update);
    }
  };
  const workers = Array.from({ length: Math.min(parallel, waiting.length) }, worker);
  try {
    await Promise.all(workers);
  } catch (error) {
    failure.abort();
    await Promise.allSettled(workers);
    throw error;
  }
}

async function trainOne<Run extends Training>(
  { folder, parallel, trainArguments, signal, display, onEnd }: TrainAllOptions<Run>,
  run: Run,
  update: (run: Run, values: Partial<Training>) => Promise<void>,
): Promise<void> {
  const path = join(folder, run.name);
  const goesOn = existsSync(join(path, 'config.json'));
  // A run of a killed study or sweep may still be saving.
  if (goesOn) await (await lockFolder(path, PATIENCE_IN_MS)).release();
  const place = goesOn ? ['--resume', path] : ['--config', configPath(folder, run.name), '--out', path];
  const before = run.wallTimeInSeconds ?? 0;
  const startedAt = performance.now();
  await update(run, { status: 'running' });
  const { status, error } = await runChild({
    argv: ['train', ...place, ...trainArguments, '--json'],
    environment: threadLimits(parallel),
    signal,
    onLine: (line) => {
      display.onActivity(run, line);
    },
  });
  run.status = status;
  await onEnd?.(run);
  await update(run, { error, wallTimeInSeconds: (performance.now() - startedAt) / 1000 + before });
}

/** Arguments of `train` besides its configuration, as given to the command that starts it. */
export function trainArguments(
  command: string,
  given: GivenOptions,
  own: GivenValues,
  trainShape: OptionShape,
): string[] {
  const ofTraining = listFields(z.strictObject(trainShape)).flatMap(({ path }) => {
    const value = own(path);
    return value === undefined ? [] : [`--${kebabCase(path)}`, String(value)];
  });
  return [
    ...(given.backend === undefined ? [] : ['--backend', given.backend]),
    ...(given.precision === undefined ? [] : ['--precision', given.precision]),
    ...(given.compile === false ? ['--no-compile'] : []),
    ...(given.data === undefined ? [] : ['--data', userPath(given.data, command)]),
    ...(given.log === undefined ? [] : ['--log', given.log]),
    ...ofTraining,
  ];
}

/** Arguments of `train` with their data at another place. */
export function withData(given: readonly string[], path: string | null): string[] {
  const at = given.indexOf('--data');
  return path === null || at < 0 ? [...given] : given.with(at + 1, path);
}

/** Runs side by side share the cores, unless the user set these variables. */
function threadLimits(parallel: number): Record<string, string> {
  if (parallel === 1 || process.env.TF_NUM_INTRAOP_THREADS !== undefined) return {};
  const threads = String(Math.max(1, Math.floor(availableParallelism() / parallel)));
  return { TF_NUM_INTRAOP_THREADS: threads };
}

function configPath(folder: string, run: string): string {
  return join(folder, 'configs', `${run}.json`);
}
