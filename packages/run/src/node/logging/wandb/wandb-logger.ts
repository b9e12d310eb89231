import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, rename } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { EpochEnd, MetricRecord } from '../../../loop/events.ts';
import { makeFolder, namesInFolder, readUserFile, writing } from '../../files.ts';
import type { Field } from '../../protobuf.ts';
import type { Summary } from '../../run/summary.ts';
import { pngSize } from '../../tensorboard/event-writer.ts';
import { finalMetrics } from '../final-metrics.ts';
import type { Logger, LoggerContext } from '../logger.ts';
import { weightHistograms } from '../weight-histograms.ts';
import {
  encodeRecord,
  exitRecord,
  headerRecord,
  historyRecord,
  keptContents,
  mediaRecord,
  runRecord,
  summaryRecord,
  type Row,
} from './records.ts';
import { RunFileWriter, readRunFile } from './run-file.ts';

const MAX_PICTURE_BYTES = 2 ** 28;

/** Same number of bins as W&B's own histograms. */
const BINS = 64;
const EXIT_CODE = { completed: 0, failed: 1, stopped: 130 } as const;

/**
 * Writes an offline run of Weights & Biases to `wandb/` in the run folder. `wandb sync DIR` uploads it with the user's
 * own account. Training needs no program of W&B. WANDB_PROJECT (default the system), WANDB_ENTITY and WANDB_RUN_GROUP
 * say where it belongs. A resumed run keeps its id.
 * @throws StorageError where it cannot be written
 */
export async function createWandbLogger(
  context: LoggerContext,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Logger> {
  const { folder, system, config, runName, fromStep = 0 } = context;
  const earlier = context.resumed ? await findRunFile(join(folder, 'wandb')) : undefined;
  const kept = earlier === undefined ? [] : keptContents(await readRunFile(earlier), fromStep);
  const id = earlier === undefined ? randomBytes(4).toString('hex') : idOf(earlier);
  const startedAt = new Date();
  const path = earlier ?? join(folder, 'wandb', `offline-run-${timeStamp(startedAt)}-${id}`, `run-${id}.wandb`);
  await makeFolder(join(path, '..', 'files', 'media', 'images'));
  // The file of a resumed run is rewritten beside the old one, which stays until it can be replaced.
  const temporary = `${path}.tmp`;
  const warn = (line: string): void => context.warn?.(`Weights & Biases: ${line}`);
  const log = new WandbLogger(await RunFileWriter.open(temporary), folder, path, warn);
  const description = {
    id,
    project: environment.WANDB_PROJECT ?? system,
    entity: environment.WANDB_ENTITY,
    group: environment.WANDB_RUN_GROUP,
    name: runName,
    config,
    startedAt,
  };
  for (const content of [headerRecord(), runRecord(description), ...kept]) await log.append(content);
  await writing(path, () => rename(temporary, path));
  return log;
}

class WandbLogger implements Logger {
  readonly #file: RunFileWriter;
  readonly #folder: string;
  readonly #path: string;
  readonly #warn: (line: string) => void;
  #records = 0;
  #row: { readonly step: number; readonly values: Record<string, unknown> } | undefined;
  #step = 0;
  #runtimeInSeconds = 0;

  constructor(file: RunFileWriter, folder: string, path: string, warn: (line: string) => void) {
    this.#file = file;
    this.#warn = warn;
    this.#folder = folder;
    this.#path = path;
  }

  append(content: Field): Promise<void> {
    return this.#file.append(encodeRecord(++this.#records, content));
  }

  async onMetrics({ step, split, metrics, timeInSeconds }: MetricRecord): Promise<void> {
    const values = Object.entries(metrics).map(([name, value]) => [`${name}/${split}`, value]);
    await this.#addToRow(step, Object.fromEntries(values) as Row);
    this.#runtimeInSeconds = timeInSeconds;
  }

  onEpochEnd({ step, weights }: EpochEnd): Promise<void> {
    const histograms = weightHistograms(weights, BINS).map(
      ([tag, { edges, counts }]) => [tag, { _type: 'histogram', bins: [...edges], values: [...counts] }] as const,
    );
    return this.#addToRow(step, Object.fromEntries(histograms));
  }

  /** Flushes the records that a resume from this checkpoint needs. */
  onCheckpoint(): Promise<void> {
    return this.#writeRow();
  }

  async finish(summary: Summary): Promise<void> {
    try {
      await this.#addToRow(this.#step, finalMetrics(summary));
      const paths = await this.#addFigures();
      await this.#writeRow();
      if (paths.length > 0) await this.append(mediaRecord(paths));
      await this.append(exitRecord(EXIT_CODE[summary.status], this.#runtimeInSeconds));
      await this.#file.close();
    } catch (error) {
      this.#warn(`the run's end could not be written: ${(error as Error).message}`);
    }
  }

  /** Adds values to the row of a step. The table has one row per step. */
  async #addToRow(step: number, values: Row): Promise<void> {
    if (this.#row?.step !== step) await this.#writeRow();
    this.#row ??= { step, values: {} };
    Object.assign(this.#row.values, values);
    this.#step = step;
  }

  async #writeRow(): Promise<void> {
    if (this.#row === undefined) return;
    const { step, values } = this.#row;
    this.#row = undefined;
    const row = { ...values, _step: step, _runtime: this.#runtimeInSeconds, _timestamp: Date.now() / 1000 };
    await this.append(historyRecord(row, step));
    await this.append(summaryRecord(row));
  }

  /** Copies the figures under names that change with their content, as W&B does. */
  async #addFigures(): Promise<string[]> {
    const figures = join(this.#folder, 'figures');
    const names = (await namesInFolder(figures)).filter((name) => name.endsWith('.png'));
    const paths: string[] = [];
    const pictures: Record<string, unknown> = {};
    for (const name of names) {
      const bytes = await readUserFile(join(figures, name), 'a picture', MAX_PICTURE_BYTES);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const figure = basename(name, '.png');
      const path = `media/images/${figure}_${this.#step}_${sha256.slice(0, 20)}.png`;
      await writing(path, () => copyFile(join(figures, name), join(this.#path, '..', 'files', path)));
      paths.push(path);
      pictures[`figures/${figure}`] = {
        _type: 'image-file',
        path,
        sha256,
        size: bytes.length,
        format: 'png',
        ...pngSize(bytes),
      };
    }
    await this.#addToRow(this.#step, pictures);
    return paths;
  }
}

/** File of the newest `wandb/offline-run-*` in a folder. Undefined where there is none. */
async function findRunFile(folder: string): Promise<string | undefined> {
  const runs = await namesInFolder(folder);
  const run = runs
    .filter((name) => /^offline-run-\d{8}_\d{6}-[a-z0-9]+$/.test(name))
    .sort()
    .at(-1);
  if (run === undefined) return undefined;
  const path = join(folder, run, `run-${run.slice(run.lastIndexOf('-') + 1)}.wandb`);
  return existsSync(path) ? path : undefined;
}

function idOf(path: string): string {
  return basename(path, '.wandb').slice('run-'.length);
}

/** `20261123_065615` */
function timeStamp(date: Date): string {
  return date.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '_');
}
