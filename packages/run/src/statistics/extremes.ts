/** Smallest of any number of values, as `Math.min`: NaN where one is NaN, Infinity where there is none. */
export function smallest(values: Iterable<number>): number {
  let least = Infinity;
  for (const value of values) least = Math.min(least, value);
  return least;
}

/** Largest of any number of values, as `Math.max`: NaN where one is NaN, -Infinity where there is none. */
export function largest(values: Iterable<number>): number {
  let most = -Infinity;
  for (const value of values) most = Math.max(most, value);
  return most;
}
