import type { Tensor } from '@tensorflow/tfjs-core';
import type { MetricRecord } from '../../train/events.ts';
import { binValues } from '../figures/histogram-bins.ts';
import { flattenConfig } from '../logging/flatten-config.ts';
import type { RunStatus } from '../run/summary.ts';
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
      await this.#events.writeScalar(`${name}/${split}`, value, step);
    }
  }

  /** A PNG file's bytes under `tag`. */
  writeImage(tag: string, png: Uint8Array, step: number): Promise<void> {
    return this.#events.writeImage(tag, png, step);
  }

  /** A histogram of each tensor's finite values, under `weights/<name>`; tensors with none are left out. */
  async writeHistograms(weights: Readonly<Record<string, Tensor>>, step: number): Promise<void> {
    for (const [name, weight] of Object.entries(weights)) {
      const values = await weight.data();
      if (!values.some(Number.isFinite)) continue;
      await this.#events.writeHistogram(`weights/${name}`, binValues(values, BINS), step);
    }
  }

  /** A GraphDef's bytes. */
  writeGraph(graphDef: Uint8Array): Promise<void> {
    return this.#events.writeGraph(graphDef);
  }

  /** How the run ended; nothing for one that was stopped, which may go on. */
  async writeEnd(status: RunStatus): Promise<void> {
    if (status !== 'stopped') await this.#events.writeSessionEnd(status);
  }

  /** Waits for what is under way and closes the file. */
  close(): Promise<void> {
    return this.#events.close();
  }
}
