import type { Summary } from '../run/summary.ts';

/** Metrics of a summary as points of curves: `loss/test`, and `loss/baseline-pixelMean` for comparison. */
export function finalMetrics({ metrics, baselines }: Summary): Record<string, number> {
  const named = [
    ...Object.entries(metrics),
    ...Object.entries(baselines).map(([name, values]) => [`baseline-${name}`, values] as const),
  ];
  return Object.fromEntries(
    named.flatMap(([group, values]) =>
      Object.entries(values).flatMap(([name, value]) => (value === null ? [] : [[`${name}/${group}`, value]])),
    ),
  );
}
