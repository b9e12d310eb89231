import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { summaryOf, startOf } from './run-fixtures.ts';

const SYSTEMS = ['vae', 'shapes-cnn', 'transformer', 'las-speech'];
/** Logs that differ; the runs take turns. */
const VARIANTS = 4;

export interface ManyRunsOptions {
  readonly runs: number;
  readonly curves: number;
  readonly points: number;
}

/** Writes a folder of completed runs: each curve has its points in lines of a training, a fifth of them in a validation. */
export async function writeManyRuns(folder: string, { runs, curves, points }: ManyRunsOptions): Promise<void> {
  const logs = Array.from({ length: VARIANTS }, (_, variant) => Buffer.from(logOf(curves, points, variant)));
  for (let run = 0; run < runs; run++) {
    const system = SYSTEMS[run % SYSTEMS.length]!;
    const path = join(
      folder,
      system,
      `2026-01-${String(1 + (run % 28)).padStart(2, '0')}_00-00-${String(run).padStart(5, '0')}`,
    );
    await mkdir(join(path, 'checkpoints'), { recursive: true });
    const config = {
      model: { size: 64 + run },
      training: { epochs: 10, learningRate: 1e-3 * (1 + (run % 7)), seed: run },
    };
    await writeFile(join(path, 'config.json'), JSON.stringify(config, null, 2));
    await writeFile(join(path, 'start.json'), JSON.stringify(startOf(system, null), null, 2));
    await writeFile(join(path, 'summary.json'), JSON.stringify(summaryOf(system, 1 / (1 + run)), null, 2));
    await writeFile(join(path, 'metrics.jsonl'), logs[run % VARIANTS]!);
  }
}

/** Metrics log of a run. */
export function logOf(curves: number, points: number, variant = 0): string {
  const ofValidation = Math.floor(curves / 5);
  const lines: string[] = [];
  const line = (step: number, split: string, count: number): string => {
    const metrics: Record<string, number> = {};
    for (let curve = 0; curve < count; curve++)
      metrics[curve === 0 ? 'loss' : `metric${curve}`] =
        Math.exp(-step / points) + 0.1 * Math.sin(step * (1 + curve + variant));
    return JSON.stringify({
      step,
      epoch: 1 + Math.floor((10 * step) / (points + 1)),
      split,
      timeInSeconds: step / 20,
      metrics,
    });
  };
  for (let step = 1; step <= points; step++) {
    lines.push(line(step, 'train', curves - ofValidation));
    if (ofValidation > 0) lines.push(line(step, 'validation', ofValidation));
  }
  return `${lines.join('\n')}\n`;
}
