import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { MetricColumns } from '../curves/columns.ts';
import type { Growth } from '../curves/line-reader.ts';
import type { CurveSource } from '../curves/metrics-file.ts';
import { isEventFile } from '../run-folders/scan.ts';
import { EventFile, readEventTail } from './event-file.ts';

/** A folder of TensorBoard's event files, followed by their new bytes alone. Only its scalars are read. */
export class EventFolder implements CurveSource {
  readonly #path: string;
  #files = new Map<string, EventFile>();
  #columns = new MetricColumns();
  #firstTime = NaN;

  constructor(path: string) {
    this.#path = path;
  }

  get columns(): MetricColumns {
    return this.#columns;
  }

  get problems(): readonly string[] {
    return [...this.#files.values()].flatMap(({ problem }) => problem ?? []);
  }

  async follow(): Promise<Growth> {
    // In the order of their names, which hold their times.
    const names = (await readdir(this.#path)).filter(isEventFile).sort();
    let growth: Growth = 'nothing';
    for (const name of names) {
      let file = this.#files.get(name);
      if (file === undefined) {
        file = new EventFile(join(this.#path, name), name);
        this.#files.set(name, file);
      }
      const found = await file.follow(({ step, wallTime, tag, value }) => {
        if (Number.isNaN(this.#firstTime)) this.#firstTime = wallTime;
        this.#columns.addValue(tag, value, step, NaN, wallTime - this.#firstTime);
      });
      if (found === 'cut') return this.#again();
      if (found === 'more') growth = 'more';
    }
    return growth;
  }

  /** Reads everything anew: a file was replaced by another one. */
  async #again(): Promise<Growth> {
    this.#files = new Map();
    this.#columns = new MetricColumns();
    this.#firstTime = NaN;
    await this.follow();
    return 'anew';
  }
}

/**
 * Scalars at the end of the last event file of a folder: last values, before all is read.
 * @param names files in the folder
 */
export function tailOfEvents(path: string, names: Iterable<string>): MetricColumns {
  const columns = new MetricColumns();
  const last = [...names].filter(isEventFile).sort().at(-1);
  if (last !== undefined)
    readEventTail(join(path, last), ({ step, tag, value }) => {
      columns.addValue(tag, value, step, NaN, NaN);
    });
  return columns;
}
