import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../../config/errors.ts';
import { firstIssue, listOf, recordOf } from '../../reading/schemas.ts';
import { readJson, writeFileAtomically } from '../files.ts';
import { toJsonFile } from '../run/summary.ts';

const runSchema = z.object({
  /** Name of its folder in the sweep folder. */
  name: z.string().regex(/^run-\d+$/),
  status: z.enum(['waiting', 'running', 'completed', 'stopped', 'failed']),
  /** Searched values by dotted path, as text. */
  point: recordOf(z.string()),
  /** Best value of the metric. Null where there is none. */
  metric: z.number().nullable(),
  wallTimeInSeconds: z.number().nullable(),
  /** Reason of a failure. */
  error: z.string().nullable(),
});

/** Contents of `sweep.json`: the search, and the state of its runs. */
const sweepSchema = z.object({
  system: z.string(),
  /** Metric as `split.name`. */
  metric: z.string(),
  goal: z.enum(['minimize', 'maximize']),
  /** Arguments of `train` besides the configuration. */
  trainArguments: listOf(z.string()),
  best: z.string().nullable(),
  runs: listOf(runSchema),
});

export type SweepRun = z.output<typeof runSchema>;
export type Sweep = z.output<typeof sweepSchema>;

/** @throws UserError naming the file, what was expected and what was found */
export async function readSweep(folder: string): Promise<Sweep> {
  const path = join(folder, 'sweep.json');
  const result = sweepSchema.safeParse(await readJson(path, 'a sweep'));
  if (result.success) return result.data;
  throw new UserError(`${path}: expected a sweep, found ${firstIssue(result.error)}`);
}

export function writeSweep(folder: string, sweep: Sweep): Promise<void> {
  return writeFileAtomically(join(folder, 'sweep.json'), toJsonFile(sweep));
}

/** Orders runs by metric, the best first. Runs without the metric come last. */
export function byMetric(goal: Sweep['goal']): (a: SweepRun, b: SweepRun) => number {
  const rank = ({ metric }: SweepRun): number => (metric === null ? Infinity : goal === 'minimize' ? metric : -metric);
  return (a, b) => {
    const [first, second] = [rank(a), rank(b)];
    return first === second ? a.name.localeCompare(b.name) : first - second;
  };
}
