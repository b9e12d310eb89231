import { availableParallelism } from 'node:os';
import { profile, register, type Profile } from '@motley/tensorflow';
import { markdownTable } from '../results.ts';
import type { Precision } from './messages.ts';
import type { TrainingStep } from './step.ts';
import { createTrainer } from './trainer.ts';

const SLOWEST_SHOWN = 25;

/** Profile of a step by operation and by kind of operation, as Markdown. */
export async function profileStep(step: TrainingStep, precision: Precision): Promise<string> {
  await register();
  const { train, batches } = createTrainer(step);
  return toMarkdown(step, profile(train, [batches[0]!], { precision }));
}

/** @returns a page with two tables: kinds of operations, and the slowest operations */
export function toMarkdown({ name, title }: Pick<TrainingStep, 'name' | 'title'>, measured: Profile): string {
  const { operations, wallTimeInMs } = measured;
  const total = operations.reduce((sum, { timeInMs }) => sum + timeInMs, 0);
  const share = (timeInMs: number): string => `${((100 * timeInMs) / total).toFixed(1)} %`;
  const kinds = new Map<string, { count: number; timeInMs: number }>();
  for (const { operation, timeInMs } of operations) {
    const kind = kinds.get(operation) ?? { count: 0, timeInMs: 0 };
    kinds.set(operation, { count: kind.count + 1, timeInMs: kind.timeInMs + timeInMs });
  }
  const byTime = [...kinds].sort(([, a], [, b]) => b.timeInMs - a.timeInMs);
  return [
    `# ${name}: ${title}`,
    '',
    `One step takes ${wallTimeInMs.toFixed(2)} ms; its ${operations.length} operations take ${total.toFixed(2)} ms, some side by side on ${availableParallelism()} cores.`,
    '',
    markdownTable(
      ['operation', 'times', 'ms', 'share'],
      byTime.map(([operation, { count, timeInMs }]) => [
        operation,
        String(count),
        timeInMs.toFixed(3),
        share(timeInMs),
      ]),
    ),
    '',
    markdownTable(
      ['slowest', 'shapes', 'ms', 'share'],
      operations
        .slice(0, SLOWEST_SHOWN)
        .map(({ operation, shapes, timeInMs }) => [operation, shapes, timeInMs.toFixed(3), share(timeInMs)]),
    ),
    '',
  ].join('\n');
}
