import { largest } from '@motley/run';
import { RandomStream } from '../../random/random-stream.ts';

/** A sequence of logits: one row of V classes for each time. */
export type Rows = readonly (readonly number[])[];

/** Logits of `time` steps in [-2, 2). */
export function drawRows(random: RandomStream, time: number, classes: number): number[][] {
  return Array.from({ length: time }, () => Array.from(random.uniformValues(classes), (value) => 4 * value - 2));
}

/** Labels that a path becomes: repetitions merged, blanks removed. */
function collapse(path: readonly number[], blank: number): number[] {
  return path.filter((symbol, time) => symbol !== blank && symbol !== path[time - 1]);
}

/** Every path through the rows, with its probability. */
function everyPath(rows: Rows): { readonly path: readonly number[]; readonly probability: number }[] {
  let paths: { path: readonly number[]; probability: number }[] = [{ path: [], probability: 1 }];
  for (const row of rows) {
    const sum = row.reduce((total, logit) => total + Math.exp(logit), 0);
    paths = paths.flatMap(({ path, probability }) =>
      row.map((logit, symbol) => ({
        path: [...path, symbol],
        probability: (probability * Math.exp(logit)) / sum,
      })),
    );
  }
  return paths;
}

/** Probability that the labels of a path satisfy a condition, by enumeration. */
export function probabilityThat(rows: Rows, blank: number, holds: (labels: readonly number[]) => boolean): number {
  return everyPath(rows).reduce(
    (sum, { path, probability }) => (holds(collapse(path, blank)) ? sum + probability : sum),
    0,
  );
}

/** log Σ eˣ */
function logAdd(...values: readonly number[]): number {
  const greatest = largest(values);
  if (greatest === -Infinity) return greatest;
  return greatest + Math.log(values.reduce((sum, value) => sum + Math.exp(value - greatest), 0));
}

/** Loss and its gradient by the logits, state by state in double precision. The blank is 0. */
export function ctcInDoublePrecision(rows: Rows, labels: readonly number[]): { loss: number; gradient: number[][] } {
  const path = [0, ...labels.flatMap((label) => [label, 0])];
  const logarithms = rows.map((row) => {
    const logSum = logAdd(...row);
    return row.map((logit) => logit - logSum);
  });
  const before = (index: number, step: -1 | 1): number[] => {
    const skips = path[index] !== 0 && path[index] !== path[index + 2 * step];
    return skips ? [index, index + step, index + 2 * step] : [index, index + step];
  };
  const recursion = (times: readonly number[], starts: readonly number[], step: -1 | 1): Map<number, number[]> => {
    const all = new Map<number, number[]>();
    let last = path.map((_, index) => (starts.includes(index) ? 0 : -Infinity));
    for (const [round, time] of times.entries()) {
      const sums = path.map((_, index) =>
        round === 0 ? last[index]! : logAdd(...before(index, step).map((other) => last[other] ?? -Infinity)),
      );
      last = sums.map((sum, index) => sum + logarithms[time]![path[index]!]!);
      all.set(time, last);
    }
    return all;
  };
  const times = rows.map((_, time) => time);
  const forward = recursion(times, [0, 1], -1);
  const backward = recursion(times.toReversed(), [path.length - 1, path.length - 2], 1);
  const likelihood = logAdd(...forward.get(rows.length - 1)!.slice(-2));
  const gradient = logarithms.map((row, time) => {
    const slopes = row.map((value) => Math.exp(value));
    for (const [index, symbol] of path.entries())
      slopes[symbol]! -= Math.exp(forward.get(time)![index]! + backward.get(time)![index]! - row[symbol]! - likelihood);
    return slopes;
  });
  return { loss: -likelihood, gradient };
}
