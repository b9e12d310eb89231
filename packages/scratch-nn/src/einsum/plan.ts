import { largest } from '@motley/run';
import type { SizedExpression } from './expression.ts';

/** One step of a plan: multiplies some arrays and sums. Its result becomes a further operand. */
interface Contraction {
  /** Indices: the expression's operands first, then the results of earlier contractions. */
  readonly operands: readonly number[];
  /** Labels of the result. */
  readonly labels: readonly string[];
}

export interface Plan extends SizedExpression {
  /** The last contraction's result is the expression's. */
  readonly contractions: readonly Contraction[];
}

/** The search takes time exponential in the number of operands. */
const MAX_OPERANDS_TO_SEARCH = 10;

/** The cheapest order found for a set of operands. */
interface Order {
  readonly multiplications: number;
  /** The two subsets whose results are contracted last; undefined for a single operand. */
  readonly parts: readonly [number, number] | undefined;
}

/**
 * Finds the order of pairwise contractions with the fewest multiplications, among those whose intermediate arrays are
 * no larger than the result or the largest operand. Where there is none, all operands are contracted at once. Dynamic
 * programming over sets of operands, as bit masks (Pfeifer, Haegeman & Verstraete, "Faster identification of optimal
 * contraction sequences for tensor networks", 2014).
 */
export function planContractions(expression: SizedExpression): Plan {
  const count = expression.operands.length;
  const allAtOnce: Contraction = { operands: expression.operands.map((_, index) => index), labels: expression.output };
  if (count <= 2) return { ...expression, contractions: [allAtOnce] };
  if (count > MAX_OPERANDS_TO_SEARCH) return { ...expression, contractions: leftToRight(expression) ?? [allAtOnce] };

  const all = 2 ** count - 1;
  const keptBy = Array.from({ length: all + 1 }, (_, set) => (set === 0 ? [] : keptLabels(expression, set)));
  const limit = sizeLimit(expression);
  const best: (Order | undefined)[] = [];
  for (let set = 1; set <= all; set++) {
    if ((set & (set - 1)) === 0) {
      best[set] = { multiplications: 0, parts: undefined };
      continue;
    }
    if (set !== all && sizeOfLabels(expression, keptBy[set]!) > limit) continue;
    for (let part = (set - 1) & set; part > set - part; part = (part - 1) & set) {
      const rest = set - part;
      const [one, other] = [best[part], best[rest]];
      if (one === undefined || other === undefined) continue;
      const own = sizeOfLabels(expression, new Set([...keptBy[part]!, ...keptBy[rest]!]));
      const multiplications = one.multiplications + other.multiplications + own;
      if (multiplications < (best[set]?.multiplications ?? Infinity))
        best[set] = { multiplications, parts: [part, rest] };
    }
  }
  if (best[all] === undefined) return { ...expression, contractions: [allAtOnce] };

  const contractions: Contraction[] = [];
  const emit = (set: number): number => {
    const { parts } = best[set]!;
    if (parts === undefined) return Math.log2(set);
    const operands = parts.map(emit);
    contractions.push({ operands, labels: set === all ? expression.output : keptBy[set]! });
    return count + contractions.length - 1;
  };
  emit(all);
  return { ...expression, contractions };
}

/** Contracts the operands in the order given; undefined where an intermediate array would be too large. */
function leftToRight(expression: SizedExpression): Contraction[] | undefined {
  const { operands, output } = expression;
  const limit = sizeLimit(expression);
  const contractions: Contraction[] = [];
  for (let index = 1; index < operands.length; index++) {
    const isLast = index === operands.length - 1;
    const labels = isLast ? output : keptLabels(expression, 2 ** (index + 1) - 1);
    if (sizeOfLabels(expression, labels) > limit) return undefined;
    contractions.push({ operands: [index === 1 ? 0 : operands.length + index - 2, index], labels });
  }
  return contractions;
}

/** Labels of a set of operands that other operands or the output need. */
function keptLabels({ operands, output }: SizedExpression, set: number): string[] {
  const isWithin = (index: number): boolean => Math.floor(set / 2 ** index) % 2 === 1;
  const needed = new Set([...output, ...operands.filter((_, index) => !isWithin(index)).flat()]);
  const own = new Set(operands.filter((_, index) => isWithin(index)).flat());
  return [...own].filter((label) => needed.has(label));
}

function sizeLimit(expression: SizedExpression): number {
  const sizes = [expression.output, ...expression.operands.map((labels) => new Set(labels))];
  return largest(sizes.map((labels) => sizeOfLabels(expression, labels)));
}

function sizeOfLabels({ sizes }: SizedExpression, labels: Iterable<string>): number {
  let product = 1;
  for (const label of labels) product *= sizes.get(label)!;
  return product;
}
