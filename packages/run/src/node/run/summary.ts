import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../../config/errors.ts';
import { firstIssue, recordOf } from '../../reading/schemas.ts';
import { readJson } from '../files.ts';

const metricTable = recordOf(recordOf(z.number().nullable()));

/** Schema of `summary.json`: the same fields for every system and command, null where one does not apply. */
const summarySchema = z.object({
  system: z.string(),
  command: z.string(),
  status: z.enum(['completed', 'stopped', 'failed']),
  backend: z.string(),
  device: z.string(),
  /** Version of TensorFlow. */
  tensorflow: z.string().nullable(),
  precision: z.string(),
  compiled: z.boolean(),
  seed: z.number().nullable(),
  epochs: z.number().nullable(),
  steps: z.number().nullable(),
  /** Number of trained parameters. */
  parameters: z.number().nullable(),
  wallTimeInSeconds: z.number(),
  samplesPerSecond: z.number().nullable(),
  peakMemoryInBytes: z.number(),
  metrics: metricTable,
  baselines: metricTable,
});

export type Summary = Readonly<z.infer<typeof summarySchema>>;

/** Final status of a command. */
export type RunStatus = Summary['status'];

/** Metrics by split or predictor, then by name: `{"test": {"loss": 101.2}}`. JSON has no NaN: it reads back as null. */
export type MetricTable = Readonly<Record<string, Readonly<Record<string, number | null>>>>;

/**
 * Reads a summary file of a run folder.
 * @throws UserError naming the file, what was expected and what was found
 */
export async function readSummary(folder: string, fileName: string): Promise<Summary> {
  const path = join(folder, fileName);
  const result = summarySchema.safeParse(await readJson(path, 'a summary'));
  if (result.success) return result.data;
  throw new UserError(`${path}: expected a summary, found ${firstIssue(result.error)}`);
}

/** Peak memory of this process in bytes (Node reports KiB on every platform). */
export function peakMemoryInBytes(): number {
  return process.resourceUsage().maxRSS * 1024;
}

/** File name of a summary: `summary.json` for the training, `summary-<command>.json` for other commands. */
export function summaryFileName(command: string): string {
  return command === 'train' ? 'summary.json' : `summary-${command}.json`;
}

/** Formats a summary or another record as a JSON file. */
export function toJsonFile(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
