import type { RandomNumbers } from '@motley/run';
import { NdArray, sizeOf } from '../../array.ts';

export interface EinsumCase {
  readonly expression: string;
  readonly operands: readonly NdArray[];
}

const LABELS = Array.from('abcdXY');

/** A random einsum: sums, diagonals, broadcast axes, ellipses, explicit and implicit outputs. Some are invalid. */
export function randomCase(random: RandomNumbers, dataType: 'float32' | 'float64' = 'float64'): EinsumCase {
  const integer = (low: number, high: number): number => random.integers(1, low, high)[0]!;
  const chance = (probability: number): boolean => random.uniformValues(1)[0]! < probability;
  const sizes = new Map(LABELS.map((label) => [label, integer(1, 5)]));
  const hidden = Array.from({ length: chance(0.2) ? integer(1, 3) : 0 }, () => integer(1, 4));
  const used = new Set<string>();
  const operands: NdArray[] = [];
  const terms = Array.from({ length: integer(1, 5) }, () => {
    const labels = Array.from({ length: integer(0, 4) }, () => LABELS[integer(0, LABELS.length)]!);
    const at = hidden.length > 0 && chance(0.7) ? integer(0, labels.length + 1) : -1;
    const own = at < 0 ? [] : hidden.slice(integer(0, hidden.length + 1));
    const shapeOf = (each: readonly string[]) =>
      each.map((label) => (chance(0.05) ? 1 : chance(0.002) ? 7 : sizes.get(label)!));
    const [before, after] = at < 0 ? [labels, []] : [labels.slice(0, at), labels.slice(at)];
    const shape = [...shapeOf(before), ...own.map((size) => (chance(0.1) ? 1 : size)), ...shapeOf(after)];
    operands.push(NdArray.from(random.normalValues(sizeOf(shape)), shape, dataType));
    labels.forEach((label) => used.add(label));
    return at < 0 ? labels.join('') : `${before.join('')}...${after.join('')}`;
  });
  const inputs = terms.join(',');
  if (chance(0.25)) return { expression: inputs, operands };
  const all = [...used];
  random.shuffle(all);
  const output = all.slice(0, integer(0, all.length + 1));
  const dots = inputs.includes('...') && !chance(0.02);
  const at = integer(0, output.length + 1);
  const written = dots ? [...output.slice(0, at), '...', ...output.slice(at)] : output;
  return { expression: `${inputs}->${written.join('')}`, operands };
}

/** A product of two arrays with labels of every role (batch, rows, columns, depth, own) in random order and layout. */
export function randomProduct(random: RandomNumbers): EinsumCase {
  const integer = (low: number, high: number): number => random.integers(1, low, high)[0]!;
  const roles = { batch: 'ab', rows: 'ij', columns: 'kl', depth: 'xyz', own: 'u' };
  const some = (letters: string, min: number): string[] =>
    Array.from(letters).slice(0, integer(min, letters.length + 1));
  const batch = some(roles.batch, 0);
  const [rows, columns, depth] = [some(roles.rows, 0), some(roles.columns, 1), some(roles.depth, 1)];
  const own = integer(0, 4) === 0 ? some(roles.own, 1) : [];
  const sizes = new Map([
    ...batch.map((label) => [label, integer(1, 4)] as const),
    ...rows.map((label) => [label, integer(1, 12)] as const),
    ...columns.map((label) => [label, integer(2, 12)] as const),
    ...depth.map((label) => [label, integer(3, 16)] as const),
    ...own.map((label) => [label, 2] as const),
  ]);
  const terms = [
    [...batch, ...rows, ...depth, ...own],
    [...batch, ...columns, ...depth],
  ].map((labels) => random.shuffle(labels));
  const operands = random.shuffle(terms).map((labels) => {
    const shape = labels.map((label) => sizes.get(label)!);
    return NdArray.from(random.normalValues(sizeOf(shape)), shape, 'float64');
  });
  const output = random.shuffle([...batch, ...rows, ...columns]);
  return { expression: `${terms.map((labels) => labels.join('')).join(',')}->${output.join('')}`, operands };
}
