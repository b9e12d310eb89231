import { RandomStream } from '../../random/random-stream.ts';

/** A sequence of logits: one row of V classes for each time. */
export type Rows = readonly (readonly number[])[];

/** Logits of `time` steps in [-2, 2). */
export function drawRows(random: RandomStream, time: number, classes: number): number[][] {
  return Array.from({ length: time }, () => Array.from(random.uniformValues(classes), (value) => 4 * value - 2));
}

/** Labels that a path becomes: repetitions merged, blanks removed. */
export function collapse(path: readonly number[], blank: number): number[] {
  return path.filter((symbol, time) => symbol !== blank && symbol !== path[time - 1]);
}

/** Every path through the rows, with its probability. */
export function everyPath(rows: Rows): { readonly path: readonly number[]; readonly probability: number }[] {
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
