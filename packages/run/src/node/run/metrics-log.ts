import { existsSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { z } from 'zod';
import { UserError, shown } from '../../config/errors.ts';
import type { MetricRecord } from '../../loop/events.ts';
import { parseJson } from '../../reading/json.ts';
import { recordOf } from '../../reading/schemas.ts';
import { readUserFile, writeFileAtomically, writing } from '../files.ts';
import { decodeUtf8 } from '../utf8.ts';

/** Node's longest string has 2²⁹ characters. */
const MAX_BYTES = 500_000_000;

/** Metrics log `metrics.jsonl`: one JSON object per line. */
export class MetricsLog {
  readonly #path: string;
  readonly #file: FileHandle;

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  /**
   * Opens the log. With `fromStep`, later lines and a line cut by a crash are dropped.
   * @throws StorageError where it cannot be written
   */
  static async open(path: string, fromStep: number | undefined): Promise<MetricsLog> {
    if (fromStep !== undefined && existsSync(path)) {
      const kept = (await readMetrics(path)).filter(({ step }) => step <= fromStep);
      await writeFileAtomically(path, kept.map((record) => `${JSON.stringify(record)}\n`).join(''));
    }
    return new MetricsLog(path, await writing(path, () => open(path, 'a')));
  }

  async append(record: MetricRecord): Promise<void> {
    await writing(this.#path, () => this.#file.appendFile(`${JSON.stringify(record)}\n`));
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

/**
 * Lines of a `metrics.jsonl`. A last line cut by a crash is left out.
 * @throws UserError naming file and line
 */
export async function readMetrics(path: string): Promise<MetricRecord[]> {
  const bytes = await readUserFile(path, 'metrics', MAX_BYTES);
  // Each complete line ends in a newline, so what follows the last one is cut.
  const text = decodeUtf8(bytes.subarray(0, bytes.lastIndexOf('\n') + 1), path);
  const records: MetricRecord[] = [];
  for (let start = 0, end = text.indexOf('\n'); end >= 0; start = end + 1, end = text.indexOf('\n', start))
    records.push(parseRecord(text.slice(start, end), `${path}:${records.length + 1}`));
  return records;
}

const recordSchema = z.looseObject({
  step: z.int(),
  epoch: z.number(),
  split: z.string(),
  metrics: recordOf(z.number().nullable()),
});

function parseRecord(line: string, where: string): MetricRecord {
  let record: unknown;
  try {
    record = parseJson(line, where, 'a record');
  } catch (error) {
    // Lines that are not JSON are reported below.
    if (!(error instanceof UserError)) throw error;
  }
  if (!recordSchema.safeParse(record).success)
    throw new UserError(`${where}: expected a record with step, split and metrics, found ${shown(line)}`);
  return record as MetricRecord;
}
