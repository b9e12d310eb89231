import type { BackendReport } from '../backend.ts';

/** How a command ended. */
export type RunStatus = 'completed' | 'stopped' | 'failed';

/** Figures by what they were measured on or predicted by, then by name: `{"test": {"loss": 101.2}}`. */
export type MetricTable = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** `summary.json`: the same fields for every system and command; null where a command has no such figure. */
export interface Summary {
  readonly system: string;
  readonly command: string;
  readonly status: RunStatus;
  readonly backend: BackendReport['backend'] | 'scratch';
  readonly device: string;
  /** TensorFlow's version. */
  readonly tensorflow: string | null;
  readonly precision: string;
  readonly compiled: boolean;
  readonly seed: number | null;
  readonly epochs: number | null;
  readonly steps: number | null;
  /** Trained values. */
  readonly parameters: number | null;
  readonly wallTimeInSeconds: number;
  readonly samplesPerSecond: number | null;
  readonly peakMemoryInBytes: number;
  readonly metrics: MetricTable;
  readonly baselines: MetricTable;
}

/** The most memory that this process has held, in bytes (Node reports KiB on every platform). */
export function peakMemoryInBytes(): number {
  return process.resourceUsage().maxRSS * 1024;
}

/** A summary's file: `summary.json` of the training, `summary-<command>.json` of what came after it. */
export function summaryFileName(command: string): string {
  return command === 'train' ? 'summary.json' : `summary-${command}.json`;
}

/** A summary or any record as the JSON file that holds it. */
export function toJsonFile(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
