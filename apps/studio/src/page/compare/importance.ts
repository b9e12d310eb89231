/** How much a field of the configuration says about a metric, over the runs of a sweep. */
export interface Importance {
  readonly field: string;
  /** Share of the metric's variance between the field's values (η²), from 0 to 1. */
  readonly explained: number;
  /** Rank correlation of Spearman, for numbers; null for words. */
  readonly correlation: number | null;
  readonly count: number;
}

export interface FieldColumn {
  readonly field: string;
  readonly values: readonly (string | number | boolean | null | undefined)[];
}

const BINS = 5;

/**
 * Importance of fields, the largest first: the correlation ratio η² = Σ nᵢ (m̄ᵢ − m̄)² / Σ (m − m̄)² over the values of a
 * field, numbers of more than five values in five bins of equal count. It is one field at a time: two that vary together
 * both get what either explains. Few runs for many values explain much by chance.
 */
export function importanceOf(
  fields: readonly FieldColumn[],
  metric: readonly (number | null | undefined)[],
): Importance[] {
  return fields
    .map(({ field, values }) => {
      const pairs = values.flatMap((value, index) => {
        const result = metric[index];
        return value == null || result == null || !Number.isFinite(result) ? [] : [{ value, result }];
      });
      const isNumeric = pairs.every(({ value }) => typeof value === 'number');
      return {
        field,
        explained: explainedBy(pairs, isNumeric),
        correlation: isNumeric
          ? spearman(
              pairs.map(({ value }) => value as number),
              pairs.map(({ result }) => result),
            )
          : null,
        count: pairs.length,
      };
    })
    .sort((a, b) => b.explained - a.explained);
}

interface Pair {
  readonly value: string | number | boolean;
  readonly result: number;
}

function explainedBy(pairs: readonly Pair[], isNumeric: boolean): number {
  if (pairs.length < 3) return 0;
  const distinct = new Set(pairs.map(({ value }) => value));
  const keyOf =
    isNumeric && distinct.size > BINS
      ? binsOf(pairs.map(({ value }) => value as number))
      : (value: Pair['value']) => String(value);
  const groups = new Map<string, number[]>();
  for (const { value, result } of pairs) {
    const key = keyOf(value);
    const own = groups.get(key);
    if (own === undefined) groups.set(key, [result]);
    else own.push(result);
  }
  const results = pairs.map(({ result }) => result);
  const mean = meanOf(results);
  const total = results.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  let between = 0;
  for (const own of groups.values()) between += own.length * (meanOf(own) - mean) ** 2;
  return total === 0 ? 0 : between / total;
}

function binsOf(values: readonly number[]): (value: Pair['value']) => string {
  const sorted = [...values].sort((a, b) => a - b);
  const edges = Array.from(
    { length: BINS - 1 },
    (_, index) => sorted[Math.floor(((index + 1) * sorted.length) / BINS)]!,
  );
  return (value) => String(edges.filter((edge) => edge <= (value as number)).length);
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Rank correlation of Spearman, ties at their mean rank; null for fewer than three pairs or a constant. */
export function spearman(a: readonly number[], b: readonly number[]): number | null {
  if (a.length < 3) return null;
  const [x, y] = [ranksOf(a), ranksOf(b)];
  const [meanX, meanY] = [meanOf(x), meanOf(y)];
  let [xy, xx, yy] = [0, 0, 0];
  for (let index = 0; index < x.length; index++) {
    const [dx, dy] = [x[index]! - meanX, y[index]! - meanY];
    xy += dx * dy;
    xx += dx * dx;
    yy += dy * dy;
  }
  return xx === 0 || yy === 0 ? null : xy / Math.sqrt(xx * yy);
}

function ranksOf(values: readonly number[]): number[] {
  const order = values.map((_, index) => index).sort((a, b) => values[a]! - values[b]!);
  const ranks = new Array<number>(values.length);
  for (let from = 0; from < order.length;) {
    let to = from + 1;
    while (to < order.length && values[order[to]!] === values[order[from]!]) to++;
    for (let at = from; at < to; at++) ranks[order[at]!] = (from + to - 1) / 2;
    from = to;
  }
  return ranks;
}
