import { meanAndDeviation } from '@motley/core';

/** The figures of one training. */
export interface PieceResult {
  readonly variant: string;
  readonly test: Readonly<Record<string, number | null>>;
  readonly samplesPerSecond: number | null;
}

/** Markdown: a row for each variant that has a result, figures as means over its seeds ± their deviation. */
export function table(results: readonly PieceResult[], descriptions: Readonly<Record<string, string>>): string {
  const rows = Object.entries(descriptions).flatMap(([variant, description]) => {
    const own = results.filter((each) => each.variant === variant);
    if (own.length === 0) return [];
    const figure = (name: string, scale: number, digits: number): string => {
      const values = own.map(({ test }) => test[name]).filter((value): value is number => typeof value === 'number');
      if (values.length < own.length) return '–';
      const { mean, standardDeviation } = meanAndDeviation(values.map((value) => scale * value));
      return values.length > 1
        ? `${mean.toFixed(digits)} ± ${standardDeviation.toFixed(digits)}`
        : mean.toFixed(digits);
    };
    const speed = own.reduce((sum, { samplesPerSecond }) => sum + (samplesPerSecond ?? NaN), 0) / own.length;
    const cells = [
      description,
      String(own.length),
      figure('accuracy', 100, 2),
      figure('routingAccuracy', 100, 2),
      figure('top5Accuracy', 100, 2),
      figure('accuracyByBatchStatistics', 100, 1),
      figure('loss', 1, 4),
      figure('multiplyAddsPerImage', 1e-6, 2),
      speed.toFixed(0),
    ];
    return [`| ${cells.join(' | ')} |`];
  });
  const head = [
    '',
    'seeds',
    'top-1, %',
    'routing, %',
    'top-5, %',
    "top-1 by the batch's statistics, %",
    'loss, nats',
    'M multiply-adds',
    'images/s in training',
  ];
  return [`| ${head.join(' | ')} |`, `|${' --- |'.repeat(head.length)}`, ...rows].join('\n');
}
