import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Files of a run that a test writes. */
export interface FixtureRun {
  readonly config?: unknown;
  readonly start?: unknown;
  readonly summary?: unknown;
  readonly metrics?: string;
  readonly more?: Readonly<Record<string, string>>;
}

/** One line of a metrics log. */
export function metricLine(step: number, split: string, metrics: Readonly<Record<string, number | null>>): string {
  return `${JSON.stringify({ step, epoch: Math.ceil(step / 10), split, timeInSeconds: step / 2, metrics })}\n`;
}

/** Writes a run folder. */
export async function writeRun(folder: string, run: FixtureRun = {}): Promise<string> {
  await mkdir(folder, { recursive: true });
  const files: [string, string | undefined][] = [
    ['config.json', run.config === undefined ? undefined : JSON.stringify(run.config)],
    ['start.json', run.start === undefined ? undefined : JSON.stringify(run.start)],
    ['summary.json', run.summary === undefined ? undefined : JSON.stringify(run.summary)],
    ['metrics.jsonl', run.metrics],
    ...Object.entries(run.more ?? {}),
  ];
  for (const [name, text] of files) {
    if (text === undefined) continue;
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}

/** Summary of a completed training. */
export const summaryOf = (system: string, loss: number) => ({
  system,
  command: 'train',
  status: 'completed',
  backend: 'none',
  device: 'CPU',
  wallTimeInSeconds: 12,
  steps: 30,
  metrics: { test: { loss, accuracy: 0.9 }, bestValidation: { loss } },
  baselines: { mean: { loss: 3 }, linear: { loss: 2 }, optimum: { loss: 0.1 } },
});

/** Start record of a run. */
export const startOf = (system: string, preset: string | null) => ({
  system,
  preset,
  isFast: false,
  starts: [
    { at: '2026-01-02T03:04:05.000Z', host: 'here', processId: 1, arguments: ['train', '--preset', preset ?? ''] },
  ],
});
