import { rm } from 'node:fs/promises';
import type { EpochEnd, MetricRecord } from '../../loop/events.ts';
import { finalMetrics } from '../logging/final-metrics.ts';
import { flattenConfig } from '../logging/flatten-config.ts';
import type { Logger } from '../logging/logger.ts';
import { weightHistograms } from '../logging/weight-histograms.ts';
import type { Summary } from '../run/summary.ts';
import { EventWriter } from './event-writer.ts';

/** Same number of bins as TensorBoard's own writer. */
const BINS = 30;

export interface TensorBoardLogOptions {
  readonly config: unknown;
  /** Whether to write histograms of the weights and the graph of the step. Default false. */
  readonly showsAll?: boolean;
  /** Last step that stays on resume. */
  readonly fromStep?: number;
}

/**
 * TensorBoard log of a run: curves, figures, hyperparameters, and on request histograms of the weights and the graph of
 * the step. A folder has one writer, as TensorBoard abandons a file once it has started the next.
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

  /** @param weights bytes of a safetensors file */
  async #writeHistograms(weights: Uint8Array, step: number): Promise<void> {
    for (const [tag, bins] of weightHistograms(weights, BINS)) await this.#events.writeHistogram(tag, bins, step);
  }

  /** Writes the final metrics and the status. Writes nothing for an interrupted run, which may be resumed. */
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
