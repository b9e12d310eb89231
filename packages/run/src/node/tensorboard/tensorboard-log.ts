import { valuesOf, type StoredValue } from '../../checkpoint/stored-values.ts';
import type { MetricRecord } from '../../loop/events.ts';
import { binValues } from '../figures/histogram-bins.ts';
import { finalMetrics } from '../logging/final-metrics.ts';
import { flattenConfig } from '../logging/flatten-config.ts';
import type { Summary } from '../run/summary.ts';
import { EventWriter } from './event-writer.ts';

/** As many as TensorBoard's own writer has. */
const BINS = 30;

export interface TensorBoardLogOptions {
  readonly config: unknown;
  /** Where a run goes on, the last step that stays. */
  readonly fromStep?: number;
}

/**
 * What TensorBoard shows of a run: curves, figures, histograms of the weights, the step's graph, hyperparameters. One
 * writer a folder: TensorBoard leaves a file for good once it has begun the next.
 */
export class TensorBoardLog {
  readonly #events: EventWriter;
  readonly #curves = new Set<string>();

  private constructor(events: EventWriter) {
    this.#events = events;
  }

  /** @throws StorageError where the folder cannot be written */
  static async open(folder: string, { config, fromStep = 0 }: TensorBoardLogOptions): Promise<TensorBoardLog> {
    const events = await EventWriter.open(folder, fromStep);
    try {
      await events.writeSessionStart(flattenConfig(config));
      await events.writeText('config', ['```json', JSON.stringify(config, null, 2), '```'].join('\n'), fromStep);
    } catch (error) {
      await events.close();
      throw error;
    }
    return new TensorBoardLog(events);
  }

  /** The events' file. */
  get path(): string {
    return this.#events.path;
  }

  /** Each figure as a point of the curve `<name>/<split>`. */
  async writeMetrics({ metrics, split, step }: MetricRecord): Promise<void> {
    for (const [name, value] of Object.entries(metrics)) {
      this.#curves.add(`${name}/${split}`);
      await this.#events.writeScalar(`${name}/${split}`, value, step);
    }
  }

  /** A PNG file's bytes under `tag`. */
  writeImage(tag: string, png: Uint8Array, step: number): Promise<void> {
    return this.#events.writeImage(tag, png, step);
  }

  /** A histogram of each tensor's finite values, under `weights/<name>`; tensors with none are left out. */
  async writeHistograms(weights: Readonly<Record<string, StoredValue>>, step: number): Promise<void> {
    for (const [name, weight] of Object.entries(weights)) {
      const values = await valuesOf(weight);
      if (!values.some(Number.isFinite)) continue;
      await this.#events.writeHistogram(`weights/${name}`, binValues(values, BINS), step);
    }
  }

  /** A GraphDef's bytes. */
  writeGraph(graphDef: Uint8Array): Promise<void> {
    return this.#events.writeGraph(graphDef);
  }

  /** The run's last figures and how it ended; nothing for one that was stopped, which may go on. */
  async writeEnd(summary: Summary): Promise<void> {
    if (summary.status === 'stopped') return;
    for (const [tag, value] of Object.entries(finalMetrics(summary))) {
      if (!this.#curves.has(tag)) await this.#events.writeScalar(tag, value, summary.steps ?? 0);
    }
    await this.#events.writeSessionEnd(summary.status);
  }

  /** Waits for what is under way and closes the file. */
  close(): Promise<void> {
    return this.#events.close();
  }
}
