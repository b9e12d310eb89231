import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ConfigSources } from '../../config/config.ts';
import { UserError } from '../../config/errors.ts';
import type { TrainingResult } from '../../loop/run-training.ts';
import type { Figure } from '../figures/figure.ts';
import { learningCurve } from '../figures/learning-curves.ts';
import { orWarning } from '../figures/or-warning.ts';
import { StorageError, describeSystemError, isSystemError } from '../files.ts';
import type { Logger } from '../logging/logger.ts';
import { createLoggers, parseLoggerNames } from '../logging/loggers.ts';
import { progressDisplay } from '../progress.ts';
import { CheckpointStore, type CheckpointName } from '../run/checkpoint-store.ts';
import { readConfigFile } from '../run/config-file.ts';
import { dataToResume, dataToUse, recordData, writeDataRecord } from '../run/data-record.ts';
import { readMetrics } from '../run/metrics-log.ts';
import { RunFolder, findNewestRun, isCompletedRun } from '../run/run-folder.ts';
import { recordStart } from '../run/start-record.ts';
import { peakMemoryInBytes, type MetricTable, type RunStatus, type Summary } from '../run/summary.ts';
import type { GivenOptions, GivenValues, RuntimeTypes } from './given-options.ts';
import { checkpointOf, ownOptionsOf, settingsOf, shownPath, userPath } from './options.ts';
import { commandOutput } from './output.ts';
import type {
  AnyCommand,
  AnyProgram,
  CommandContext,
  CommandResult,
  FigureContext,
  TrainOutcome,
  TrainedModel,
} from './program.ts';
import type { ComputeReport, Runtime } from './runtime.ts';

/** One call of a command, with its options and arguments. */
export interface Execution {
  readonly program: AnyProgram;
  readonly command: string;
  readonly given: GivenOptions;
  /** Options that the command itself defines. */
  readonly own: GivenValues;
  /** Arguments as given. */
  readonly arguments: readonly string[];
  /** The whole command line, from the command on. */
  readonly argv: readonly string[];
  readonly signal: AbortSignal;
  readonly runtime: Runtime;
}

type AnyConfig = Record<string, unknown>;
type AnyContext = CommandContext<AnyConfig>;
type AnyResult = CommandResult & Partial<Omit<TrainingResult, 'metrics'>>;

/** Context of the figures, without the metrics log. */
export type DrawingContext = Omit<
  FigureContext<AnyConfig, RuntimeTypes, unknown, TrainedModel>,
  'records' | 'baselines'
>;

/** Runs `train`, up to its summary. */
export async function executeTraining(execution: Execution): Promise<Summary> {
  const { program, command, given, own, signal, runtime } = execution;
  const { system, train } = program;
  const loggerNames = parseLoggerNames(given.log);
  const checkpoint = checkpointOf(given);
  if (checkpoint !== undefined && given.resume === undefined)
    throw new UserError('--checkpoint: expected with --resume, which goes on from it');
  const resumed = given.resume === undefined ? undefined : await findResumed(execution, given.resume);
  const config = await resolveConfig(execution, resumed);
  const options = ownOptionsOf(own, train.options ?? {});
  const givenData = dataPathOf(execution);
  const dataRecord = await (resumed === undefined ? recordData(givenData) : dataToResume(resumed, givenData));
  const { report: backend, compile } = await runtime.start(given);
  const keepEverySteps = (config.training as { keepEverySteps?: number | null } | undefined)?.keepEverySteps;
  const folderOptions = { system, config, keepEverySteps };
  const resume = resumed === undefined ? undefined : await loadResumed(system, resumed, checkpoint);
  const folder =
    resumed === undefined
      ? await RunFolder.create({
          ...folderOptions,
          out: given.out === undefined ? undefined : userPath(given.out, command),
        })
      : await RunFolder.resume(resumed, resume, folderOptions);
  if (dataRecord !== undefined) await orDiscard(folder, () => writeDataRecord(folder.path, dataRecord));
  const begun = { system, preset: given.preset ?? null, isFast: given.fast === true, argv: execution.argv };
  await orDiscard(folder, () => recordStart(folder.path, begun));
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
  folder.attach(loggers);
  const progress = progressDisplay();
  const listeners = [folder.listener(), ...loggers, progress];
  const run = async (context: AnyContext): Promise<AnyResult> => {
    try {
      const data = await withWeights(
        runtime,
        resume?.weights,
        async (weights) =>
          await program.load({ config, dataPath: context.dataPath, weights, isTraining: true, signal: context.signal }),
      );
      const outcome = await train.run({ ...context, data, listeners, resume });
      progress.stop();
      return await finishTraining(execution, { ...context, data }, outcome);
    } finally {
      progress.stop();
    }
  };
  const dataPath = dataRecord === undefined ? givenData : (dataRecord.path ?? undefined);
  return perform(
    execution,
    { config, options, folder, runPath: folder.path, dataPath, backend, compile, signal },
    run,
    loggers,
  );
}

/** Measures the baselines of a completed training and draws its figures. */
async function finishTraining(
  { program }: Execution,
  context: Omit<DrawingContext, 'model' | 'step'>,
  { model, result, ...more }: TrainOutcome<TrainedModel>,
): Promise<AnyResult> {
  try {
    if (result.status === 'stopped') return result;
    const metrics: Record<string, Readonly<Record<string, number | null>>> = { ...result.metrics };
    for (const [split, values] of Object.entries(more.metrics ?? {})) metrics[split] = { ...metrics[split], ...values };
    const baselines = { ...(await program.baselines?.(context.data, context.config)), ...more.baselines };
    const drawing = { ...context, model, step: result.bestStep };
    const { figures } = await drawFigures(program, drawing, { baselines, more: more.figures, draw: orWarning });
    await writeFigures(context.folder, figures, result.bestStep);
    return { ...result, metrics, baselines };
  } finally {
    model.dispose?.();
  }
}

/** Draws a picture of this name, or says why not. */
type Draw = <T>(what: string, draw: () => T | Promise<T>) => Promise<T | undefined>;

interface DrawingOptions {
  readonly baselines?: MetricTable;
  readonly more?: CommandResult['figures'];
  /** Default: an error ends the command. */
  readonly draw?: Draw;
}

/** Draws the figures of a trained model: those of the system, and the learning curve. */
export async function drawFigures(
  program: AnyProgram,
  context: DrawingContext,
  { baselines, more, draw = async (_, picture) => picture() }: DrawingOptions = {},
): Promise<{ readonly figures: Readonly<Record<string, Figure>> }> {
  const records = await readMetrics(join(context.runPath, 'metrics.jsonl'));
  const compared = baselines ?? (await program.baselines?.(context.data, context.config)) ?? {};
  const { learningCurve: options } = program;
  const curve =
    options === undefined || records.length === 0
      ? undefined
      : await draw('learning curve', () => learningCurve(records, options, compared));
  const own = await draw('figures', () => program.figures?.({ ...context, records, baselines: compared }));
  return { figures: { ...own, ...(curve !== undefined && { 'learning-curve': curve }), ...more } };
}

/** Checkpoint to resume from. Undefined where the run ended before its first one; it then starts over. */
async function loadResumed(system: string, path: string, name: CheckpointName | undefined) {
  const store = new CheckpointStore(join(path, 'checkpoints'), system);
  if (name === undefined && !(await store.has('last'))) return undefined;
  const loaded = await store.load(name ?? 'last');
  const { bestStep } = loaded;
  if (bestStep === null || !(await store.has(bestStep))) return loaded;
  return { ...loaded, loadBest: async () => (await store.load(bestStep)).weights };
}

/** Removes the folder where a step after its creation fails. */
async function orDiscard<T>(folder: RunFolder, make: () => Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (error) {
    await folder.discard();
    throw error;
  }
}

/** Runs a command on a trained model, up to its summary. */
export async function executeTrained(
  execution: Execution,
  definition: AnyCommand,
  needsData: boolean,
): Promise<Summary> {
  const { program, command, given, own, signal, runtime } = execution;
  const { system } = program;
  const texts = definition.texts === undefined ? [] : execution.arguments;
  const files = definition.files === undefined ? [] : execution.arguments.map((file) => userPath(file, command));
  const name = checkpointOf(given);
  const path =
    given.run === undefined
      ? await findNewestRun(system, 'completed run', isCompletedRun)
      : userPath(given.run, command);
  const config = await resolveConfig(execution, path);
  const options = ownOptionsOf(own, definition.options ?? {});
  const { path: dataPath, areOthers } = needsData
    ? await dataToUse(path, dataPathOf(execution))
    : { path: undefined, areOthers: false };
  const { report: backend, compile } = await runtime.start(given);
  const store = new CheckpointStore(join(path, 'checkpoints'), system);
  const checkpoint = await store.load(name ?? ((await store.has('best')) ? 'best' : 'last'));
  const folder =
    given.out === undefined
      ? RunFolder.open(path, system)
      : await RunFolder.create({ system, config, out: userPath(given.out, command) });
  const run = (context: AnyContext): Promise<AnyResult> =>
    withWeights(runtime, checkpoint.weights, async (weights) => {
      if (areOthers) context.print(`other data than those of the training: ${dataPath!}`);
      const data = needsData ? await program.load({ config, dataPath, weights, isTraining: false, signal }) : undefined;
      const model = await program.restore({ config, weights, data });
      try {
        model.eval?.();
        const result =
          (await definition.run({ ...context, model, data, weights, step: checkpoint.step, files, texts })) ?? {};
        const baselines = command === 'evaluate' ? await program.baselines?.(data, config) : undefined;
        await writeFigures(folder, result.figures, checkpoint.step);
        return { parameters: model.parameterCount(), ...result, baselines: { ...baselines, ...result.baselines } };
      } finally {
        model.dispose?.();
      }
    });
  return perform(execution, { config, options, folder, runPath: path, dataPath, backend, compile, signal }, run);
}

/** Passes decoded weights to `use`, and frees them. */
async function withWeights<T>(
  runtime: Runtime,
  bytes: Uint8Array | undefined,
  use: (weights: unknown) => Promise<T>,
): Promise<T> {
  if (bytes === undefined) return use(undefined);
  const weights = runtime.decode(bytes, 'checkpoint');
  try {
    return await use(weights);
  } finally {
    runtime.release(weights);
  }
}

async function writeFigures(folder: RunFolder, figures: CommandResult['figures'] = {}, step?: number): Promise<void> {
  for (const [name, figure] of Object.entries(figures)) await folder.writeFigure(name, figure, step);
}

/** Resolves a new configuration, or that of a run, with the settings of the command line applied. */
async function resolveConfig(execution: Execution, runFolder: string | undefined): Promise<AnyConfig> {
  const { given, command } = execution;
  const { config } = execution.program;
  const set = settingsOf(given);
  const path = runFolder === undefined ? given.config : join(runFolder, 'config.json');
  let sources: ConfigSources = { set, preset: given.preset, fast: given.fast };
  if (path !== undefined) {
    const name = runFolder === undefined ? userPath(path, command) : path;
    sources = { ...sources, file: await readConfigFile(name) };
  }
  return config.resolve(sources);
}

function dataPathOf({ given, command }: Execution): string | undefined {
  return given.data === undefined ? undefined : userPath(given.data, command);
}

async function findResumed({ program, command, given }: Execution, resume: string | true): Promise<string> {
  const excluded = (['preset', 'config', 'fast', 'out'] as const).find((name) => given[name] !== undefined);
  if (excluded !== undefined) {
    throw new UserError(
      `--${excluded}: expected without --resume, which goes on with the run's own folder and configuration`,
    );
  }
  if (resume !== true) return userPath(resume, command);
  return findNewestRun(program.system, 'run', (path) => Promise.resolve(existsSync(join(path, 'config.json'))));
}

/** Runs the command's own code, and writes a summary in any case. */
async function perform(
  execution: Execution,
  parts: Omit<AnyContext, 'print' | 'write'>,
  run: (context: AnyContext) => Promise<AnyResult>,
  loggers: readonly Logger[] = [],
): Promise<Summary> {
  const { command, given, signal } = execution;
  const { folder, backend, config } = parts;
  const { print, write, writeJson } = commandOutput(given.json === true);
  const startedAt = performance.now();
  const summarize = (status: RunStatus, result: AnyResult): Summary => ({
    system: execution.program.system,
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
    const result = await run({ ...parts, print, write }).catch((error: unknown) => stoppedBy(error, signal));
    const summary = summarize(result.status ?? 'completed', result);
    await folder.writeSummary(summary);
    for (const logger of loggers) await logger.finish(summary);
    if (given.json === true) writeJson(summary);
    else describe(summary, folder.path).forEach(print);
    return summary;
  } catch (error) {
    await recordFailure(folder, error, () => summarize('failed', {}), loggers);
    if (isSystemError(error))
      throw new StorageError(`${command} failed: ${describeSystemError(error)}`, { cause: error });
    if (!isDefect(error)) throw error;
    const log = join(folder.path, 'error.log');
    throw new Error(`${command} failed: ${(error as Error).message} (the stack: ${log})`, { cause: error });
  } finally {
    await folder.close();
  }
}

/** Result for an abort thrown by `signal.throwIfAborted()` and similar calls. Other errors are rethrown. */
function stoppedBy(error: unknown, signal: AbortSignal): { readonly status: 'stopped' } {
  if (signal.aborted && (error as Error).name === 'AbortError') return { status: 'stopped' };
  throw error;
}

/** Whether the stack helps. A user's mistake, a full disk and a call that the system refused need one line only. */
function isDefect(error: unknown): boolean {
  return !(error instanceof UserError || error instanceof StorageError || isSystemError(error));
}

/** A user's mistake at the start leaves no files. Any other failure leaves its stack and a summary. */
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
    // Where not even this can be written (a full disk), the original error matters more.
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
