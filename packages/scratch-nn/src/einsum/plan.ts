import type { SizedExpression } from './expression.ts';

/** Arrays that are multiplied and summed at once; the result is the next operand. */
export interface Contraction {
  /** By number: first the expression's operands, then the results of the contractions before. */
  readonly operands: readonly number[];
  /** Of the result. */
  readonly labels: readonly string[];
}

export interface Plan extends SizedExpression {
  /** The last one's result is the expression's. */
  readonly contractions: readonly Contraction[];
}

/** Subsets of more operands than this are too many to look at. */
const MAX_OPERANDS_FOR_BEST_ORDER = 10;

/** A way to contract a set of operands. */
interface Way {
  readonly multiplications: number;
  /** The two sets that are contracted last; none for a single operand. */
  readonly parts: readonly [number, number] | undefined;
}

/**
 * The order of pairwise contractions with the fewest multiplications (dynamic programming over sets of operands:
 * Pfeifer, Haegeman & Verstraete, "Faster identification of optimal contraction sequences for tensor networks", 2014),
 * among those that never make an array larger than the result or the largest operand. Where there is none, operands are
 * contracted all at once.
 */
export function planContractions(expression: SizedExpression): Plan {
  const count = expression.operands.length;
  const together: Contraction = { operands: expression.operands.map((_, index) => index), labels: expression.output };
  if (count <= 2) return { ...expression, contractions: [together] };
  if (count > MAX_OPERANDS_FOR_BEST_ORDER) return { ...expression, contractions: inTurn(expression) ?? [together] };

  const all = 2 ** count - 1;
  const keptBy = Array.from({ length: all + 1 }, (_, set) => (set === 0 ? [] : keptLabels(expression, set)));
  const limit = sizeLimit(expression);
  const best: (Way | undefined)[] = [];
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
  if (best[all] === undefined) return { ...expression, contractions: [together] };

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

/** One operand after the other, the way of least search; undefined where an array would be too large. */
function inTurn(expression: SizedExpression): Contraction[] | undefined {
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

/** The labels of a set of operands that the others or the output need. */
function keptLabels({ operands, output }: SizedExpression, set: number): string[] {
  const isWithin = (index: number): boolean => Math.floor(set / 2 ** index) % 2 === 1;
  const needed = new Set([...output, ...operands.filter((_, index) => !isWithin(index)).flat()]);
  const own = new Set(operands.filter((_, index) => isWithin(index)).flat());
  return [...own].filter((label) => needed.has(label));
}

function sizeLimit(expression: SizedExpression): number {
  const sizes = [expression.output, ...expression.operands.map((labels) => new Set(labels))];
  return Math.max(...sizes.map((labels) => sizeOfLabels(expression, labels)));
}

function sizeOfLabels({ sizes }: SizedExpression, labels: Iterable<string>): number {
  let product = 1;
  for (const label of labels) product *= sizes.get(label)!;
  return product;
}
