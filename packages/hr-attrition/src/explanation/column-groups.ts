import type { Table, TableColumn } from '../table/table.ts';

/**
 * Groups of columns that say nearly the same: joined while the mean association between two groups is above a
 * threshold, or there are too many groups (average linkage).
 * @param mostGroups number of groups at most; then the most associated are joined whatever their association
 */
export function groupColumns(table: Table, threshold: number, mostGroups = Infinity): string[][] {
  const { columns } = table;
  const ranked = columns.map(rankedOf);
  const associations = columns.map((_, left) =>
    columns.map((_, right) => (left === right ? 1 : association(ranked[left]!, ranked[right]!))),
  );
  let groups = columns.map((_, index) => [index]);
  for (;;) {
    let best: readonly [value: number, left: number, right: number] = [-1, 0, 0];
    for (let left = 0; left < groups.length; left++)
      for (let right = left + 1; right < groups.length; right++) {
        const value = meanAssociation(groups[left]!, groups[right]!, associations);
        if (value > best[0]) best = [value, left, right];
      }
    const [value, left, right] = best;
    if (groups.length < 2 || (value <= threshold && groups.length <= mostGroups)) break;
    const joined = [...groups[left]!, ...groups[right]!].sort((a, b) => a - b);
    groups = [...groups.filter((_, index) => index !== left && index !== right), joined];
  }
  const byPlace = groups.sort((a, b) => a[0]! - b[0]!);
  return byPlace.map((group) => group.map((index) => columns[index]!.name));
}

function meanAssociation(left: readonly number[], right: readonly number[], of: readonly number[][]): number {
  let sum = 0;
  for (const a of left) for (const b of right) sum += of[a]![b]!;
  return sum / (left.length * right.length);
}

/** Column as a few standardized variables: the ranks of a number, an indicator for each category. */
type Variables = readonly Float64Array[];

function rankedOf(column: TableColumn): Variables {
  if (column.kind === 'number') return [standardized(ranks(column.values))];
  const categories = [...new Set(column.values)];
  return categories.map((category) =>
    standardized(Float64Array.from(column.values, (value) => Number(value === category))),
  );
}

/**
 * Largest absolute correlation between variables of two columns: Spearman's for numbers. 0 where a column is constant.
 */
function association(left: Variables, right: Variables): number {
  let most = 0;
  for (const a of left)
    for (const b of right) {
      let sum = 0;
      for (let row = 0; row < a.length; row++) sum += a[row]! * b[row]!;
      most = Math.max(most, Math.abs(sum) / a.length);
    }
  return most;
}

function standardized(values: Float64Array): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  return values.map((value) => (deviation > 0 ? (value - mean) / deviation : 0));
}

/** Mean ranks; missing values have the middle rank. */
function ranks(values: Float64Array): Float64Array {
  const present = Array.from(values.keys()).filter((row) => !Number.isNaN(values[row]));
  present.sort((left, right) => values[left]! - values[right]!);
  const result = new Float64Array(values.length).fill((present.length - 1) / 2);
  for (let first = 0; first < present.length;) {
    let end = first + 1;
    while (end < present.length && values[present[end]!] === values[present[first]!]) end++;
    for (let place = first; place < end; place++) result[present[place]!] = (first + end - 1) / 2;
    first = end;
  }
  return result;
}
