import { type DataType, forEachRow, NdArray } from '../array.ts';
import { parseExpression, type SizedExpression } from './expression.ts';
import { labelStrides } from './labelled-array.ts';
import { planContractions, type Plan } from './plan.ts';
import { compileProgram, type Program, runProgram } from './program.ts';

/** Expressions are few and their shapes fewer; beyond this many the oldest are planned anew. */
const MAX_PLANS = 1000;

/** An expression for operands of certain shapes, and its gradients. */
interface Planned {
  readonly plan: Plan;
  readonly shapes: readonly (readonly number[])[];
  /** For the strides that were met last. */
  program: Program | undefined;
  /** By operand. */
  readonly gradients: (Planned | undefined)[];
}

const planned = new Map<string, Planned>();

function plannedOf(expression: string, operands: readonly NdArray[]): Planned {
  let key = expression;
  for (const { shape, dataType } of operands) key += ` ${dataType} ${shape.join()}`;
  let found = planned.get(key);
  if (found === undefined) {
    checkTypes(expression, operands);
    const shapes = operands.map(({ shape }) => shape);
    found = withoutProgram(planContractions(parseExpression(expression, shapes)), shapes);
    if (planned.size >= MAX_PLANS) planned.delete(planned.keys().next().value!);
    planned.set(key, found);
  }
  return found;
}

function withoutProgram(plan: Plan, shapes: Planned['shapes']): Planned {
  return { plan, shapes, program: undefined, gradients: [] };
}

/**
 * Einstein's summation: products of the operands, summed over the labels that the output has not, by the rules of
 * `numpy.einsum`: `bi,io->bo` is a matrix product, `ii->i` a diagonal, `...ij->...ji` a transposition. Expression and
 * shapes are planned once.
 * @throws RangeError naming what does not fit; TypeError where float32 and float64 meet
 */
export function einsum(expression: string, ...operands: readonly NdArray[]): NdArray {
  return run(plannedOf(expression, operands), operands);
}

function checkTypes(expression: string, operands: readonly NdArray[]): void {
  const types = new Set<DataType>(operands.map(({ dataType }) => dataType));
  if (types.size > 1) throw new TypeError(`einsum "${expression}": expected operands of one type, got ${[...types]}`);
}

function run(what: Planned, operands: readonly NdArray[]): NdArray {
  let { program } = what;
  if (program === undefined || !operands.every(({ strides }, index) => isSame(strides, program!.strides[index]!))) {
    const strides = operands.map((operand) => operand.strides);
    program = what.program = compileProgram(what.plan, what.shapes, strides, operands[0]!.dataType);
  }
  return runProgram(program, operands);
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a === b || a.every((value, index) => value === b[index]);
}

/**
 * The gradients of an einsum's operands, each an einsum of the output's gradient and the other operands.
 * @param outputGradient of the output's shape
 * @param wanted the operands, by number, whose gradients are wanted; all by default
 * @returns by operand, of its shape; undefined where it is not wanted
 */
export function einsumGradients(
  expression: string,
  operands: readonly NdArray[],
  outputGradient: NdArray,
  wanted: readonly number[] = [...operands.keys()],
): (NdArray | undefined)[] {
  checkTypes(expression, [...operands, outputGradient]);
  const forward = plannedOf(expression, operands);
  return operands.map((_, index) =>
    wanted.includes(index) ? operandGradient(forward, operands, outputGradient, index) : undefined,
  );
}

function operandGradient(
  { plan, shapes, gradients }: Planned,
  operands: readonly NdArray[],
  outputGradient: NdArray,
  index: number,
): NdArray {
  const shape = shapes[index]!;
  const others = operands.filter((_, other) => other !== index);
  const backward = (gradients[index] ??= withoutProgram(
    planContractions(backwardExpression(plan, shape, index)),
    [outputGradient, ...others].map((each) => each.shape),
  ));
  const gradient = run(backward, [outputGradient, ...others]);
  if (gradient.shape.length === shape.length) return gradient;

  // A label of its own was summed alone: the same gradient all along it. One that is repeated has a diagonal.
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

/** The output's gradient and the other operands, contracted to the labels of operand `index` that they have. */
function backwardExpression(
  { operands, output, sizes }: Plan,
  shape: readonly number[],
  index: number,
): SizedExpression {
  const term = operands[index]!;
  const others = operands.filter((_, other) => other !== index);
  const found = new Set([...output, ...others.flat()]);
  // An operand that is repeated along a label gets the sum of the gradients there.
  const isRepeated = (label: string): boolean =>
    sizes.get(label) !== 1 && term.every((each, axis) => each !== label || shape[axis] === 1);
  const labels = [...new Set(term)].filter((label) => found.has(label) && !isRepeated(label));
  return { operands: [output, ...others], output: labels, sizes };
}
