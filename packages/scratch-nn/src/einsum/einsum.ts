import { type DataType, forEachRow, NdArray } from '../array.ts';
import { parseExpression, type SizedExpression } from './expression.ts';
import { labelStrides } from './labeled-array.ts';
import { planContractions, type Plan } from './plan.ts';
import { compileProgram, type Program, runProgram } from './program.ts';

/** Plans kept; the oldest are dropped. A network needs a few dozen. */
const MAX_PLANS = 1000;

/** The plan of an expression for operands of certain shapes, and those of its gradients. */
interface PlannedExpression {
  readonly plan: Plan;
  readonly shapes: readonly (readonly number[])[];
  /** Compiled for the strides of the last operands. */
  program: Program | undefined;
  /** By operand. */
  readonly gradients: (PlannedExpression | undefined)[];
}

const plans = new Map<string, PlannedExpression>();

function planOf(expression: string, operands: readonly NdArray[]): PlannedExpression {
  let key = expression;
  for (const { shape, dataType } of operands) key += ` ${dataType} ${shape.join()}`;
  let found = plans.get(key);
  if (found === undefined) {
    checkTypes(expression, operands);
    const shapes = operands.map(({ shape }) => shape);
    found = notCompiled(planContractions(parseExpression(expression, shapes)), shapes);
    if (plans.size >= MAX_PLANS) plans.delete(plans.keys().next().value!);
    plans.set(key, found);
  }
  return found;
}

function notCompiled(plan: Plan, shapes: PlannedExpression['shapes']): PlannedExpression {
  return { plan, shapes, program: undefined, gradients: [] };
}

/**
 * Einstein summation with the rules of `numpy.einsum`: multiplies the operands and sums over the labels that the output
 * lacks. `bi,io->bo` is a matrix product, `ii->i` a diagonal, `...ij->...ji` a transpose. An expression is planned once
 * for the shapes of its operands.
 * @throws RangeError naming the label or axis that does not fit
 * @throws TypeError where float32 and float64 operands are mixed
 */
export function einsum(expression: string, ...operands: readonly NdArray[]): NdArray {
  return run(planOf(expression, operands), operands);
}

function checkTypes(expression: string, operands: readonly NdArray[]): void {
  const types = new Set<DataType>(operands.map(({ dataType }) => dataType));
  if (types.size > 1) throw new TypeError(`einsum "${expression}": expected operands of one type, got ${[...types]}`);
}

function run(planned: PlannedExpression, operands: readonly NdArray[]): NdArray {
  let { program } = planned;
  if (program === undefined || !operands.every(({ strides }, index) => isSame(strides, program!.strides[index]!))) {
    const strides = operands.map((operand) => operand.strides);
    program = planned.program = compileProgram(planned.plan, planned.shapes, strides, operands[0]!.dataType);
  }
  return runProgram(program, operands);
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a === b || a.every((value, index) => value === b[index]);
}

/**
 * Gradients of an einsum's operands. Each is an einsum of the output's gradient and the other operands.
 * @param outputGradient ∂loss/∂output
 * @param wanted indices of the operands to differentiate by; all by default
 * @returns for each operand its gradient; undefined where it is not wanted
 */
export function einsumGradients(
  expression: string,
  operands: readonly NdArray[],
  outputGradient: NdArray,
  wanted: readonly number[] = [...operands.keys()],
): (NdArray | undefined)[] {
  checkTypes(expression, [...operands, outputGradient]);
  const forward = planOf(expression, operands);
  return operands.map((_, index) =>
    wanted.includes(index) ? operandGradient(forward, operands, outputGradient, index) : undefined,
  );
}

function operandGradient(
  { plan, shapes, gradients }: PlannedExpression,
  operands: readonly NdArray[],
  outputGradient: NdArray,
  index: number,
): NdArray {
  const shape = shapes[index]!;
  const others = operands.filter((_, other) => other !== index);
  const backward = (gradients[index] ??= notCompiled(
    planContractions(backwardExpression(plan, shape, index)),
    [outputGradient, ...others].map((each) => each.shape),
  ));
  const gradient = run(backward, [outputGradient, ...others]);
  if (gradient.shape.length === shape.length) return gradient;

  // Along a label that only this operand has the gradient is constant. Along a repeated label it is a diagonal.
  const result = NdArray.zeros(shape, outputGradient.dataType);
  const source = labelStrides(backward.plan.output, gradient.shape, gradient.strides);
  const target = labelStrides(plan.operands[index]!, shape, result.strides);
  const labels = [...target.keys()].filter((label) => source.has(label) || target.get(label) !== 0);
  const [from, to] = [source, target].map((strides) => labels.map((label) => strides.get(label) ?? 0)) as [
    number[],
    number[],
  ];
  const [fromStep, toStep] = [from.at(-1) ?? 0, to.at(-1) ?? 0];
  const sizes = labels.map((label) => plan.sizes.get(label)!);
  forEachRow(sizes, [from, to], ([fromStart, toStart], count) => {
    for (let step = 0; step < count; step++)
      result.values[toStart! + step * toStep] = gradient.values[fromStart! + step * fromStep]!;
  });
  return result;
}

/** Contracts the output's gradient and the other operands to those labels of operand `index` that they have. */
function backwardExpression(
  { operands, output, sizes }: Plan,
  shape: readonly number[],
  index: number,
): SizedExpression {
  const term = operands[index]!;
  const others = operands.filter((_, other) => other !== index);
  const found = new Set([...output, ...others.flat()]);
  // An operand of size 1 along a label is broadcast: its gradient is summed along it.
  const isBroadcast = (label: string): boolean =>
    sizes.get(label) !== 1 && term.every((each, axis) => each !== label || shape[axis] === 1);
  const labels = [...new Set(term)].filter((label) => found.has(label) && !isBroadcast(label));
  return { operands: [output, ...others], output: labels, sizes };
}
