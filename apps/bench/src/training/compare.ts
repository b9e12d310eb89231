import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from '../statistics.ts';
import { COMPILED_NAME, type Contender } from './contenders.ts';
import { writeExchange } from './exchange.ts';
import type { Precision } from './messages.ts';
import { COMPARED_STEPS, type TrainingStep } from './step.ts';
import { Worker } from './worker.ts';

/** Measurement of one contender on one step, in milliseconds. */
export interface Measurement {
  /** Time per step, one value per repeat. */
  readonly times: readonly number[];
  readonly coldStartInMs: number;
  readonly firstStepInMs: number;
  /** Time of tracing; undefined if the contender reports none. */
  readonly traceTimeInMs: number | undefined;
  readonly peakMemoryInBytes: number;
  readonly version: string;
  readonly engine: string | undefined;
}

export interface Comparison {
  /** Measurements by contender, without the failed ones. */
  readonly measurements: ReadonlyMap<string, Measurement>;
  /** A line for each contender whose losses differ from ours. Any fails the row. */
  readonly mismatched: readonly string[];
  /** A line for each contender that could not run the step. */
  readonly failures: readonly string[];
}

const SLICE_IN_MS = 1000;
/** Time of warming up: enough for JavaScript's compiler and PyTorch's allocator. */
const WARM_UP_IN_MS = 3000;

/** Relative tolerance of losses: sums have another order, and Adam divides by small gradients. */
export const lossTolerance: Readonly<Record<Precision, number>> = { float32: 1e-3, bfloat16: 3e-2 };

/**
 * Times a step on each contender in a process of its own; the contenders take turns in slices. They start from the same
 * weights and batches, and their first losses must agree with ours.
 */
export async function compare(
  step: TrainingStep,
  contenders: readonly Contender[],
  options: { readonly precision: Precision; readonly threads: number; readonly repeats: number },
  report: (line: string) => void,
): Promise<Comparison> {
  const { precision, threads, repeats } = options;
  const folder = mkdtempSync(join(tmpdir(), 'motley-bench-'));
  const workers: Worker[] = [];
  const failures: string[] = [];
  try {
    await writeExchange(step, folder);
    const { name, learningRate } = step;
    for (const contender of contenders) {
      report(`${name}: ${contender.name}'s first steps`);
      try {
        const assignment = { step: name, precision, threads, learningRate, comparedSteps: COMPARED_STEPS, folder };
        workers.push(await Worker.start(contender, assignment));
      } catch (error) {
        failures.push((error as Error).message);
      }
    }
    const mismatched = disagreements(workers, lossTolerance[precision]);
    const times = await alternate(workers, repeats, (round) => {
      report(`${name}: repeat ${round} of ${repeats}`);
    });
    const measurements = workers.map((worker, index) => [worker.name, measurementOf(worker, times[index]!)] as const);
    return { measurements: new Map(measurements), mismatched, failures };
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()));
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A line for each worker whose first losses differ from those of our compiled step. */
export function disagreements(
  workers: readonly { readonly name: string; readonly ready: { readonly losses: readonly number[] } }[],
  tolerance: number,
): string[] {
  const expected = workers.find(({ name }) => name === COMPILED_NAME)?.ready.losses;
  if (expected === undefined) return [];
  return workers.flatMap(({ name, ready: { losses } }) => {
    const at = expected.findIndex((loss, step) => !(Math.abs(losses[step]! - loss) <= tolerance * Math.abs(loss)));
    if (at < 0) return [];
    return [`${name}: loss ${losses[at]!} at step ${at + 1}, ours is ${expected[at]!}: it does not compute the same`];
  });
}

/**
 * Times warm workers in turns.
 * @returns milliseconds per step by worker, one value per repeat
 */
export async function alternate(
  workers: readonly Worker[],
  repeats: number,
  report: (round: number) => void,
): Promise<number[][]> {
  const counts: number[] = [];
  for (const worker of workers) counts.push(await warmUp(worker));
  const times = workers.map((): number[] => []);
  for (let round = 1; round <= repeats; round++) {
    report(round);
    // Whoever comes second finds the processor as the first left it: they take turns.
    const order = workers.map((_, index) => (round % 2 === 1 ? index : workers.length - 1 - index));
    for (const index of order) times[index]!.push((await workers[index]!.run(counts[index]!)) / counts[index]!);
  }
  return times;
}

/**
 * Runs a worker until it is warm.
 * @returns number of steps that fill a slice
 */
async function warmUp(worker: Worker): Promise<number> {
  const times: number[] = [];
  for (let total = 0; total < WARM_UP_IN_MS || times.length < 2;) {
    const time = await worker.run(1);
    times.push(time);
    total += time;
  }
  return Math.max(1, Math.round(SLICE_IN_MS / median(times)));
}

function measurementOf(worker: Worker, times: readonly number[]): Measurement {
  const { coldStartInMs, firstStepInMs, traceTimeInMs, peakMemoryInBytes } = worker;
  const { version, engine } = worker.ready;
  return { times, coldStartInMs, firstStepInMs, traceTimeInMs, peakMemoryInBytes, version, engine };
}
