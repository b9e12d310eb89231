import { rm } from 'node:fs/promises';
import type { EpochEnd, MetricRecord } from '../../loop/events.ts';
import { finalMetrics } from '../logging/final-metrics.ts';
import { flattenConfig } from '../logging/flatten-config.ts';
import type { Logger } from '../logging/logger.ts';
import { weightHistograms } from '../logging/weight-histograms.ts';
import type { Summary } from '../run/summary.ts';
import { EventWriter } from './event-writer.ts';

/** As many as TensorBoard's own writer has. */
const BINS = 30;

export interface TensorBoardLogOptions {
  readonly config: unknown;
  /** Whether histograms of the weights and the step's graph are written too. Default false. */
  readonly showsAll?: boolean;
  /** Where a run goes on, the last step that stays. */
  readonly fromStep?: number;
}

/**
 * TensorBoard's events of a run: curves, figures, hyperparameters, and on demand histograms of the weights and the step's
 * graph. One writer a folder: TensorBoard leaves a file for good once it has begun the next.
 */
export class TensorBoardLog implements Logger {
  readonly onEpochEnd?: (end: EpochEnd) => Promise<void>;
  readonly onGraph?: (graphDef: Uint8Array) => Promise<void>;
  readonly #events: EventWriter;
  readonly #curves = new Set<string>();

  private constructor(events: EventWriter, showsAll: boolean) {
    this.#events = events;
    if (!showsAll) return;
    this.onEpochEnd = ({ weights, step }) => this.#writeHistograms(weights, step);
    this.onGraph = (graphDef) => this.#events.writeGraph(graphDef);
  }

  /** @throws StorageError where the folder cannot be written */
  static async open(
    folder: string,
    { config, fromStep = 0, showsAll = false }: TensorBoardLogOptions,
  ): Promise<TensorBoardLog> {
    const events = await EventWriter.open(folder, fromStep);
    try {
      await events.writeSessionStart(flattenConfig(config));
      await events.writeText('config', ['```json', JSON.stringify(config, null, 2), '```'].join('\n'), fromStep);
    } catch (error) {
      await events.close();
      throw error;
    }
    return new TensorBoardLog(events, showsAll);
  }

  /** Writes each metric as a point of the curve `<name>/<split>`. */
  async onMetrics({ metrics, split, step }: MetricRecord): Promise<void> {
    for (const [name, value] of Object.entries(metrics)) {
      this.#curves.add(`${name}/${split}`);
      await this.#events.writeScalar(`${name}/${split}`, value, step);
    }
  }

  onFigure(name: string, png: Uint8Array, step: number): Promise<void> {
    return this.#events.writeImage(`figures/${name}`, png, step);
  }

  /** @param weights the bytes of a safetensors file */
  async #writeHistograms(weights: Uint8Array, step: number): Promise<void> {
    for (const [tag, bins] of weightHistograms(weights, BINS)) await this.#events.writeHistogram(tag, bins, step);
  }

  /** Writes the last figures and how the run ended; nothing for one that was stopped, which may go on. */
  async finish(summary: Summary): Promise<void> {
    try {
      if (summary.status === 'stopped') return;
      for (const [tag, value] of Object.entries(finalMetrics(summary))) {
        if (!this.#curves.has(tag)) await this.#events.writeScalar(tag, value, summary.steps ?? 0);
      }
      await this.#events.writeSessionEnd(summary.status);
    } finally {
      await this.#events.close();
    }
  }

  async discard(): Promise<void> {
    await this.#events.close();
    await rm(this.#events.path, { force: true });
  }
}
