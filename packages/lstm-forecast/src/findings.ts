import type { MethodShare } from './combination/fit-combination.ts';
import type { Space } from './combination/linear-combination.ts';
import type { Comparison } from './comparison.ts';
import type { SeriesData } from './data.ts';
import { frequencyName } from './series/frequency.ts';

/** Methods of a combination that are named. */
const NAMED_METHODS = 4;
/** Difference of two errors that counts as none. */
const EQUAL_WITHIN = 0.01;

export interface Findings {
  readonly data: SeriesData;
  readonly comparison: Comparison;
  readonly shares: readonly MethodShare[];
  /** Step of the best weights; 0: those before the training. */
  readonly bestStep: number;
}

/** Lines that say how a series was forecast, and whether a simpler method is as good. */
export function findings({ data, comparison, shares, bestStep }: Findings): string[] {
  const { series, settings, seasons } = data;
  const { horizon, window } = settings.model;
  const { evaluation, baselineErrors } = comparison;
  const season = seasons.filter((each) => each > 1);
  const lines: string[] = [];
  if (shares.length > 0)
    lines.push(
      `${frequencyName(series.frequency)}, ${season.length === 0 ? 'no season' : `seasons of ${season.join(' and ')} steps`}, ${horizon} steps ahead, a window of ${window}`,
      `linear methods: ${families(shares)}`,
    );
  if (bestStep === 0) lines.push('the LSTM adds nothing: validation is best without its correction');
  const error = evaluation.errors.rootMeanSquaredError;
  const simpler = Object.entries(baselineErrors)
    .filter(([name]) => name !== 'linear' && name !== 'optimum')
    .map(([name, { rootMeanSquaredError }]) => ({ name, ratio: error / rootMeanSquaredError }))
    .filter(({ ratio }) => ratio > 1 - EQUAL_WITHIN);
  for (const { name, ratio } of simpler)
    lines.push(
      ratio > 1 + EQUAL_WITHIN
        ? `${name} is better here: the forecast's RMSE is ${((ratio - 1) * 100).toFixed(1)} % above its`
        : `${name} is as good here: the RMSE differs by less than 1 %`,
    );
  return lines;
}

/** Families of methods with their shares, the largest first. */
function families(shares: readonly MethodShare[]): string {
  const totals = new Map<string, number>();
  for (const { family, share } of shares) totals.set(family, (totals.get(family) ?? 0) + share);
  const ordered = [...totals].sort(([, left], [, right]) => right - left);
  const named = ordered.slice(0, NAMED_METHODS).map(([family, share]) => `${family} ${percent(share)}`);
  const others = ordered.slice(NAMED_METHODS).reduce((sum, [, share]) => sum + share, 0);
  const shareOf = (isIn: (space: Space) => boolean): number =>
    shares.reduce((sum, { space, share }) => sum + (isIn(space) ? share : 0), 0);
  const spaces = [
    [shareOf(({ scale }) => scale === 'logarithm'), 'on logarithms'],
    [shareOf(({ hasKnownPart }) => hasKnownPart), 'beside what is known ahead'],
  ] as const;
  return [
    ...named,
    ...(others > 0 ? [`others ${percent(others)}`] : []),
    ...spaces.flatMap(([share, name]) => (share > 0 ? [`${percent(share)} of all ${name}`] : [])),
  ].join(', ');
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}
