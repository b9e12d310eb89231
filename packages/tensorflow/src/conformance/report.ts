import type { SpecResult } from './run-specs.ts';

/** Results of a run of the specs, compared with the list of ignored ones. */
export interface Report {
  readonly total: number;
  readonly passed: number;
  readonly ignored: number;
  /** Specs that failed and are not on the list. */
  readonly failed: readonly SpecResult[];
  /** Names on the list that passed or that no spec has. */
  readonly stale: readonly string[];
}

/**
 * Compares results with the list of ignored names. Ignored specs run like all others, so a name that passes is noticed.
 *
 * @param complete whether every spec ran, so that a name without a result is stale
 */
export function compare(
  results: readonly SpecResult[],
  ignored: ReadonlyMap<string, string>,
  complete: boolean,
): Report {
  const passing = results.filter((result) => result.passed);
  const failing = results.filter((result) => !result.passed);
  const failed = failing.filter(({ name }) => !ignored.has(name));
  const failingNames = new Set(failing.map(({ name }) => name));
  const seen = new Set(results.map(({ name }) => name));
  const stale = [...ignored.keys()].filter((name) => !failingNames.has(name) && (complete || seen.has(name)));
  return {
    total: results.length,
    passed: passing.length,
    ignored: failing.length - failed.length,
    failed,
    stale,
  };
}
