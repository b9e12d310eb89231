import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ConfigDefinition, ConfigSources } from '../../config/config.ts';
import { UserError } from '../../config/errors.ts';
import { StorageError, readUserFile } from '../files.ts';
import { createLoggers, parseLoggerNames, type Logger } from '../logging/index.ts';
import { progressDisplay } from '../progress.ts';
import { CheckpointStore, type CheckpointName } from '../run/checkpoint-store.ts';
import { RunFolder, findNewestRun, isCompletedRun } from '../run/run-folder.ts';
import { peakMemoryInBytes, toJsonFile, type MetricTable, type RunStatus, type Summary } from '../run/summary.ts';
import { checkpointOf, ownOptionsOf, settingsOf, shownPath, userPath, type GivenOptions } from './options.ts';
import type { AnyCommand, CommandContext, CommandResult, OptionShape, TrainResult } from './program.ts';
import type { ComputeReport, Runtime } from './runtime.ts';

const MAX_CONFIG_BYTES = 2 ** 20;

/** How a command is run, apart from its own code. */
export interface Execution {
  readonly system: string;
  readonly config: ConfigDefinition;
  readonly command: string;
  readonly given: GivenOptions;
  /** As they were given. */
  readonly arguments: readonly string[];
  readonly signal: AbortSignal;
  readonly runtime: Runtime;
}

type AnyConfig = Record<string, unknown>;
type AnyContext = Omit<CommandContext<AnyConfig, OptionShape>, 'backend'> & { readonly backend: ComputeReport };
type AnyResult = CommandResult & Partial<TrainResult>;

/** Runs `train` to its summary. */
export async function executeTraining(execution: Execution, definition: AnyCommand): Promise<Summary> {
  const { system, command, given, signal, runtime } = execution;
  const loggerNames = parseLoggerNames(given.log);
  const checkpoint = checkpointOf(given);
  if (checkpoint !== undefined && given.resume === undefined)
    throw new UserError('--checkpoint: expected with --resume, which goes on from it');
  const resumed = given.resume === undefined ? undefined : await findResumed(execution, given.resume);
  const config = await resolveConfig(execution, resumed);
  const options = ownOptionsOf(given, definition.options ?? {});
  const { report: backend, compile } = await runtime.start(given);
  const keepEverySteps = (config.training as { keepEverySteps?: number | null } | undefined)?.keepEverySteps;
  const folderOptions = { system, config, keepEverySteps };
  const resume = resumed === undefined ? undefined : await loadResumed(execution, resumed, checkpoint);
  const folder =
    resumed === undefined
      ? await RunFolder.create({
          ...folderOptions,
          out: given.out === undefined ? undefined : userPath(given.out, command),
        })
      : await RunFolder.resume(resumed, resume, folderOptions);
  const loggers = await orDiscard(folder, () =>
    createLoggers(loggerNames, {
      folder: folder.path,
      system,
      config,
      runName: basename(folder.path),
      resumed: resume !== undefined,
      ...(resume !== undefined && { fromStep: resume.step }),
    }),
  );
  const progress = progressDisplay();
  const listeners = [folder.listener(loggerNames.includes('tensorboard')), ...loggers, progress];
  const run = async (context: AnyContext): Promise<AnyResult> => {
    try {
      return await definition.run({ ...context, listeners, compile, resume });
    } finally {
      progress.stop();
      resume?.dispose();
    }
  };
  return perform(execution, { config, options, folder, backend, signal }, run, loggers);
}

/** The checkpoint to go on from; undefined where the run ended before its first one, and starts again. */
async function loadResumed({ system, runtime }: Execution, path: string, name: CheckpointName | undefined) {
  const store = new CheckpointStore(join(path, 'checkpoints'), system);
  if (name === undefined && !(await store.has('last'))) return undefined;
  const loaded = await store.load(name ?? 'last', runtime.decode);
  const { bestStep } = loaded;
  const loadBest =
    bestStep !== null && (await store.has(bestStep))
      ? { loadBest: () => store.load(bestStep, runtime.decode) }
      : undefined;
  return { ...loaded, ...loadBest };
}

/** A mistake in what is made after the folder leaves no folder. */
async function orDiscard<T>(folder: RunFolder, make: () => Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (error) {
    await folder.discard();
    throw error;
  }
}

/** Runs a command on a trained model to its summary. */
export async function executeTrained(execution: Execution, definition: AnyCommand): Promise<Summary> {
  const { system, command, given, signal, runtime } = execution;
  const texts = definition.texts === undefined ? [] : execution.arguments;
  const files = definition.files === undefined ? [] : execution.arguments.map((file) => userPath(file, command));
  const name = checkpointOf(given);
  const path =
    given.run === undefined
      ? await findNewestRun(system, 'completed run', isCompletedRun)
      : userPath(given.run, command);
  const config = await resolveConfig(execution, path);
  const options = ownOptionsOf(given, definition.options ?? {});
  const { report: backend, compile } = await runtime.start(given);
  const store = new CheckpointStore(join(path, 'checkpoints'), system);
  const checkpoint = await store.load(name ?? ((await store.has('best')) ? 'best' : 'last'), runtime.decode);
  try {
    const folder =
      given.out === undefined
        ? RunFolder.open(path, system)
        : await RunFolder.create({ system, config, out: userPath(given.out, command) });
    return await perform(execution, { config, options, folder, backend, signal }, (context) =>
      definition.run({ ...context, checkpoint, files, texts, compile }),
    );
  } finally {
    checkpoint.dispose();
  }
}

/** A fresh record, or with `runFolder` that run's with the command line's settings over it. */
async function resolveConfig(execution: Execution, runFolder: string | undefined): Promise<AnyConfig> {
  const { config, given, command } = execution;
  const set = settingsOf(given);
  const path = runFolder === undefined ? given.config : join(runFolder, 'config.json');
  let sources: ConfigSources = { set, preset: given.preset, fast: given.fast };
  if (path !== undefined) {
    const name = runFolder === undefined ? userPath(path, command) : path;
    const text = (await readUserFile(name, 'a configuration in JSON', MAX_CONFIG_BYTES)).toString('utf8');
    sources = { ...sources, file: { name, text } };
  }
  return config.resolve(sources);
}

async function findResumed({ system, command, given }: Execution, resume: string | true): Promise<string> {
  const excluded = (['preset', 'config', 'fast', 'out'] as const).find((name) => given[name] !== undefined);
  if (excluded !== undefined) {
    throw new UserError(
      `--${excluded}: expected without --resume, which goes on with the run's own folder and configuration`,
    );
  }
  if (resume !== true) return userPath(resume, command);
  return findNewestRun(system, 'run', (path) => Promise.resolve(existsSync(join(path, 'config.json'))));
}

/** Runs the command's own code, and leaves a summary whatever comes of it. */
async function perform(
  execution: Execution,
  parts: Omit<AnyContext, 'dataPath' | 'print' | 'write'>,
  run: (context: AnyContext) => Promise<AnyResult>,
  loggers: readonly Logger[] = [],
): Promise<Summary> {
  const { command, given, signal } = execution;
  const { folder, backend, config } = parts;
  const write = (text: string): void => {
    (given.json === true ? process.stderr : process.stdout).write(text);
  };
  const print = (line: string): void => {
    write(`${line}\n`);
  };
  const startedAt = performance.now();
  const summarize = (status: RunStatus, result: AnyResult): Summary => ({
    system: execution.system,
    command,
    status,
    backend: backend.backend,
    device: backend.device,
    tensorflow: backend.tensorflow,
    precision: result.engine === undefined ? backend.precision : (given.precision ?? backend.precision),
    compiled: result.engine !== undefined,
    seed: (config.training as { seed?: number } | undefined)?.seed ?? null,
    epochs: result.epochs ?? null,
    steps: result.steps ?? null,
    parameters: result.parameters ?? null,
    wallTimeInSeconds: (performance.now() - startedAt) / 1000,
    samplesPerSecond: result.samplesPerSecond ?? null,
    peakMemoryInBytes: peakMemoryInBytes(),
    metrics: result.metrics ?? {},
    baselines: result.baselines ?? {},
  });
  try {
    print(describeBackend(backend));
    const dataPath = given.data === undefined ? undefined : userPath(given.data, command);
    const result = await run({ ...parts, dataPath, print, write }).catch((error: unknown) => stoppedBy(error, signal));
    const summary = summarize(result.status ?? 'completed', result);
    await folder.writeSummary(summary);
    for (const logger of loggers) await logger.finish(summary);
    if (given.json === true) process.stdout.write(toJsonFile(summary));
    else describe(summary, folder.path).forEach(print);
    return summary;
  } catch (error) {
    await recordFailure(folder, error, () => summarize('failed', {}), loggers);
    if (!isDefect(error)) throw error;
    const log = join(folder.path, 'error.log');
    throw new Error(`${command} failed: ${(error as Error).message} (the stack: ${log})`, { cause: error });
  } finally {
    await folder.close();
  }
}

/** What `signal.throwIfAborted()` and the like throw is an end that was asked for; anything else goes on. */
function stoppedBy(error: unknown, signal: AbortSignal): { readonly status: 'stopped' } {
  if (signal.aborted && (error as Error).name === 'AbortError') return { status: 'stopped' };
  throw error;
}

/** Whether a reader needs the stack: their own mistake and a full disk say all in one line. */
function isDefect(error: unknown): boolean {
  return !(error instanceof UserError || error instanceof StorageError);
}

/** A user's mistake leaves nothing where nothing had begun; any other failure leaves its stack and a summary. */
async function recordFailure(
  folder: RunFolder,
  error: unknown,
  summarize: () => Summary,
  loggers: readonly Logger[],
): Promise<void> {
  const summary = summarize();
  try {
    if (error instanceof UserError && (await folder.discard())) return;
    if (isDefect(error)) {
      await writeFile(join(folder.path, 'error.log'), `${(error as Error).stack ?? String(error)}\n`);
    }
    await folder.writeSummary(summary);
  } catch {
    // Where not even this can be written (a full disk), the error itself is what matters.
  }
  for (const logger of loggers) await logger.finish(summary);
}

function describeBackend({ backend, device, tensorflow, precision, reasons }: ComputeReport): string {
  const engine = tensorflow === null ? backend : `TensorFlow ${tensorflow}`;
  const passedOver = reasons.length === 0 ? '' : ` (passed over: ${reasons.join('; ')})`;
  return `${engine} on ${device}, ${precision}${passedOver}`;
}

function describe(summary: Summary, path: string): string[] {
  const figures = (values: MetricTable[string]): string =>
    Object.entries(values)
      .map(([name, value]) => `${name} ${Number((value ?? NaN).toPrecision(5))}`)
      .join(' · ');
  return [
    ...Object.entries(summary.metrics).map(([name, values]) => `${name}: ${figures(values)}`),
    ...Object.entries(summary.baselines).map(([name, values]) => `baseline ${name}: ${figures(values)}`),
    `${summary.status} in ${summary.wallTimeInSeconds.toFixed(1)} s: ${shownPath(path, summary.command)}`,
  ];
}
