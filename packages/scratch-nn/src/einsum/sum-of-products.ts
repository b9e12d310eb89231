import type { Values } from '../array.ts';
import type { LabelStrides, Sizes } from './labeled-array.ts';

/** Numbers of an operand or a result. */
export interface Operand {
  readonly values: Values;
  /** Place of the element whose indices are all 0. */
  readonly start: number;
}

/** Nested loops over every label, outermost first. Strides are listed by array, the result's last. */
export interface LoopPlan {
  readonly outerShape: readonly number[];
  readonly outerStrides: readonly (readonly number[])[];
  readonly rows: number;
  readonly rowSteps: readonly number[];
  readonly columns: number;
  readonly columnSteps: readonly number[];
}

/** Shorter innermost loops take longer to start than to run. */
const MIN_INNER_SIZE = 8;

/** Orders the loops by stride, longest outside. A label of at least MIN_INNER_SIZE is innermost where there is one. */
export function planLoops(operands: readonly LabelStrides[], output: LabelStrides, sizes: Sizes): LoopPlan {
  const arrays = [...operands, output];
  const labels = loopOrder(arrays, sizes);
  const stridesOf = (label: string | undefined): number[] =>
    arrays.map((strides) => (label === undefined ? 0 : (strides.get(label) ?? 0)));
  const [column, row] = [labels.pop(), labels.pop()];
  const sizeOf = (label: string | undefined): number => (label === undefined ? 1 : sizes.get(label)!);
  return {
    outerShape: labels.map(sizeOf),
    outerStrides: arrays.map((strides) => labels.map((label) => strides.get(label) ?? 0)),
    rows: sizeOf(row),
    rowSteps: stridesOf(row),
    columns: sizeOf(column),
    columnSteps: stridesOf(column),
  };
}

function loopOrder(arrays: readonly LabelStrides[], sizes: Sizes): string[] {
  const stride = (label: string): number => arrays.reduce((sum, strides) => sum + Math.abs(strides.get(label) ?? 0), 0);
  const all = new Set(arrays.flatMap((strides) => [...strides.keys()]));
  const order = [...all].filter((label) => sizes.get(label)! !== 1).sort((a, b) => stride(b) - stride(a));
  const isShort = (label: string | undefined): boolean => label !== undefined && sizes.get(label)! < MIN_INNER_SIZE;
  if (!isShort(order.at(-1))) return order;
  const longest = order.reduce((a, b) => (sizes.get(b)! > sizes.get(a)! ? b : a));
  return isShort(longest) ? order : [...order.filter((label) => label !== longest), longest];
}

/** Adds the products of the operands to the result. @param arrays the operands, then the result */
export function sumOfProducts(plan: LoopPlan, arrays: readonly Operand[]): void {
  const { outerShape, outerStrides } = plan;
  const add = arrays.length === 2 ? addOne : arrays.length === 3 ? addPairs : addMany;
  const starts = arrays.map(({ start }) => start);
  const index = outerShape.map(() => 0);
  for (;;) {
    add(plan, arrays, starts);
    let axis = outerShape.length - 1;
    for (; axis >= 0; axis--) {
      const size = outerShape[axis]!;
      index[axis]!++;
      const wraps = index[axis] === size;
      for (let array = 0; array < arrays.length; array++)
        starts[array]! += outerStrides[array]![axis]! * (wraps ? 1 - size : 1);
      if (!wraps) break;
      index[axis] = 0;
    }
    if (axis < 0) return;
  }
}

type Add = (plan: LoopPlan, arrays: readonly Operand[], starts: readonly number[]) => void;

const addOne: Add = ({ rows, rowSteps, columns, columnSteps }, arrays, starts) => {
  const [values, into] = [arrays[0]!.values, arrays[1]!.values];
  const [rowStep, rowStepTo] = [rowSteps[0]!, rowSteps[1]!];
  const [step, stepTo] = [columnSteps[0]!, columnSteps[1]!];
  let [from, to] = [starts[0]!, starts[1]!];
  for (let row = 0; row < rows; row++, from += rowStep, to += rowStepTo) {
    if (stepTo === 0) {
      let sum = 0;
      for (let column = 0, index = from; column < columns; column++, index += step) sum += values[index]!;
      into[to]! += sum;
    } else {
      for (let column = 0, index = from, at = to; column < columns; column++, index += step, at += stepTo)
        into[at]! += values[index]!;
    }
  }
};

const addPairs: Add = ({ rows, rowSteps, columns, columnSteps }, arrays, starts) => {
  const [a, b, into] = [arrays[0]!.values, arrays[1]!.values, arrays[2]!.values];
  const [rowStepA, rowStepB, rowStepTo] = [rowSteps[0]!, rowSteps[1]!, rowSteps[2]!];
  const [stepA, stepB, stepTo] = [columnSteps[0]!, columnSteps[1]!, columnSteps[2]!];
  let [fromA, fromB, to] = [starts[0]!, starts[1]!, starts[2]!];
  for (let row = 0; row < rows; row++, fromA += rowStepA, fromB += rowStepB, to += rowStepTo) {
    let [i, j] = [fromA, fromB];
    if (stepTo === 0) {
      let sum = 0;
      for (let column = 0; column < columns; column++, i += stepA, j += stepB) sum += a[i]! * b[j]!;
      into[to]! += sum;
    } else {
      for (let column = 0, at = to; column < columns; column++, i += stepA, j += stepB, at += stepTo)
        into[at]! += a[i]! * b[j]!;
    }
  }
};

const addMany: Add = ({ rows, rowSteps, columns, columnSteps }, arrays, starts) => {
  const operands = arrays.slice(0, -1);
  const last = operands.length;
  const into = arrays[last]!.values;
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      let product = 1;
      for (const [operand, { values }] of operands.entries())
        product *= values[starts[operand]! + row * rowSteps[operand]! + column * columnSteps[operand]!]!;
      into[starts[last]! + row * rowSteps[last]! + column * columnSteps[last]!]! += product;
    }
};
