import type { GraphTensor } from '../graph.ts';

/** Tensors by the names that a pattern gave them. */
type Captures = ReadonlyMap<string, GraphTensor>;

/** A pattern of a tensor and of its computation. Every given field must fit. */
export interface Pattern {
  /** The name under which the tensor is captured. A name that occurs twice stands for the same tensor. */
  readonly as?: string;
  /** The operation that computes the tensor. */
  readonly operation?: string;
  /** The first inputs of that operation. */
  readonly inputs?: readonly Pattern[];
  /** Where true, the inputs may also stand in reverse order. */
  readonly commutes?: boolean;
  /** The value of every element of a constant. */
  readonly constant?: number;
  readonly rank?: number;
  /** `TF_DataType` */
  readonly dataType?: number;
  /** The name of a tensor captured before that has the same data type. */
  readonly sameTypeAs?: string;
  /** The name of a tensor captured before that has the same shape. */
  readonly sameShapeAs?: string;
  /** Patterns for the same tensor, of which one must fit. */
  readonly anyOf?: readonly Pattern[];
}

/** Matches a tensor. @returns the captures, or undefined where the pattern does not fit */
export function match(pattern: Pattern, tensor: GraphTensor, captures: Captures = new Map()): Captures | undefined {
  const { node, dataType, shape } = tensor;
  const isFit =
    (pattern.operation === undefined || pattern.operation === node.operation) &&
    (pattern.rank === undefined || pattern.rank === shape.length) &&
    (pattern.dataType === undefined || pattern.dataType === dataType) &&
    (pattern.sameTypeAs === undefined || captures.get(pattern.sameTypeAs)!.dataType === dataType) &&
    (pattern.sameShapeAs === undefined || isSameShape(captures.get(pattern.sameShapeAs)!.shape, shape)) &&
    (pattern.constant === undefined || isConstant(tensor, pattern.constant));
  if (!isFit) return undefined;
  let captured = captures;
  if (pattern.as !== undefined) {
    const earlier = captures.get(pattern.as);
    if (earlier !== undefined && earlier !== tensor) return undefined;
    captured = new Map(captures).set(pattern.as, tensor);
  }
  if (pattern.anyOf !== undefined) {
    const fits = firstMatch(pattern.anyOf, (each) => match(each, tensor, captured));
    if (fits === undefined) return undefined;
    captured = fits;
  }
  const { inputs = [], commutes = false } = pattern;
  const orders = commutes ? [node.inputs, node.inputs.toReversed()] : [node.inputs];
  return firstMatch(orders, (order) => matchInputs(inputs, order, captured));
}

function matchInputs(patterns: readonly Pattern[], inputs: readonly GraphTensor[], captures: Captures) {
  let captured: Captures | undefined = captures;
  for (const [index, pattern] of patterns.entries()) {
    const input = inputs[index];
    captured = input === undefined ? undefined : match(pattern, input, captured);
    if (captured === undefined) return undefined;
  }
  return captured;
}

function firstMatch<T>(choices: readonly T[], matchOne: (choice: T) => Captures | undefined): Captures | undefined {
  for (const choice of choices) {
    const captures = matchOne(choice);
    if (captures !== undefined) return captures;
  }
  return undefined;
}

function isSameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

function isConstant({ node }: GraphTensor, value: number): boolean {
  if (node.operation !== 'Const') return false;
  const values = node.value as unknown[]; // or a typed array, perhaps of millions of elements: not copied
  return values.length > 0 && values.every((each) => each === value);
}
