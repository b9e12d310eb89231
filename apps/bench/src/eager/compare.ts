import { lowerQuartile } from '../statistics.ts';
import { Contender } from './contender.ts';
import type { Side } from './messages.ts';

/** Length of a slice. Long against the clock's resolution, short enough that most slices run undisturbed. */
const SLICE_IN_MS = 2.5;
const SLICES = 41;
const WARM_UP_IN_MS = 150;

export interface Comparison {
  /** Milliseconds per call by side, one value per repeat. */
  readonly times: ReadonlyMap<string, Readonly<Partial<Record<Side, readonly number[]>>>>;
  /** TensorFlow's version on each side. */
  readonly versions: Readonly<Partial<Record<Side, string>>>;
}

/**
 * Times operations on each side in a process of its own; the sides take turns in slices. Every repeat starts new processes,
 * so that the spread includes memory layout and compiler decisions.
 */
export async function compare(
  sides: readonly Side[],
  names: readonly string[],
  repeats: number,
  report: (line: string) => void,
): Promise<Comparison> {
  const times = new Map(names.map((name) => [name, Object.fromEntries(sides.map((side) => [side, [] as number[]]))]));
  let versions: Comparison['versions'] = {};
  for (let repeat = 1; repeat <= repeats; repeat++) {
    const contenders: Contender[] = [];
    try {
      for (const side of sides) contenders.push(await Contender.start(side));
      versions = Object.fromEntries(contenders.map(({ side, version }) => [side, version]));
      for (const [name, bySide] of times) {
        report(`repeat ${repeat} of ${repeats}: ${name}`);
        const perCall = await alternate(contenders, name);
        contenders.forEach(({ side }, index) => bySide[side]!.push(perCall[index]!));
      }
    } finally {
      await Promise.all(contenders.map((contender) => contender.stop()));
    }
  }
  return { times, versions };
}

/** @returns milliseconds per call, by contender */
async function alternate(contenders: readonly Contender[], operation: string): Promise<number[]> {
  const iterations: number[] = [];
  for (const contender of contenders) iterations.push(await warmUp(contender, operation));
  const times = contenders.map((): number[] => []);
  for (let slice = 0; slice < SLICES; slice++) {
    // The order alternates: the first slice affects caches and clock of the second.
    const order = contenders.map((_, index) => (slice % 2 === 0 ? index : contenders.length - 1 - index));
    for (const index of order) {
      const count = iterations[index]!;
      times[index]!.push((await contenders[index]!.run({ operation, iterations: count })) / count);
    }
  }
  // The slower slices are those in which other processes had the processor.
  return times.map(lowerQuartile);
}

/**
 * Runs an operation until it is warm.
 * @returns number of iterations that fill a slice
 */
async function warmUp(contender: Contender, operation: string): Promise<number> {
  let total = 0;
  for (let iterations = 1; ;) {
    const time = await contender.run({ operation, iterations });
    total += time;
    if (total >= WARM_UP_IN_MS && time >= SLICE_IN_MS / 4)
      return Math.max(1, Math.round((iterations * SLICE_IN_MS) / time));
    if (time < SLICE_IN_MS) iterations *= 2;
  }
}
