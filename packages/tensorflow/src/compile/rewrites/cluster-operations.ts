import { DataType } from '../../c-api/types.ts';
import type { GraphNode, GraphTensor } from '../graph.ts';

const names = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));

/** Free in either engine. */
const views = names('ExpandDims Reshape Squeeze');

/** A few instructions an element. */
const cheap = names(
  `Abs Add AddV2 BiasAdd BroadcastTo Cast Div DivNoNan Equal Greater GreaterEqual Less LessEqual LogicalAnd LogicalNot
   LogicalOr Maximum Minimum Mul Neg NotEqual OnesLike RealDiv Reciprocal Relu Relu6 Relu6Grad ReluGrad Rsqrt Select
   SelectV2 Sqrt Square SquaredDifference Sub ZerosLike`,
);

/** Tens of instructions an element, for which TensorFlow's own kernels do not use the widest vectors of the CPU. */
const transcendental = names(
  'Elu EluGrad Erf Exp Expm1 Log Log1p Pow Sigmoid SigmoidGrad Sin Cos Softplus SoftplusGrad Tanh TanhGrad',
);

const reductions = names('BiasAddGrad Max Mean Min Sum');

/** What oneDNN computes together with the bias and the activation after it. */
const products = names('Conv2D DepthwiseConv2dNative MatMul');
const biases = names('Add AddV2 BiasAdd');
const activations = names('Elu Relu Relu6');

const knownTypes = new Set<number>([DataType.float32, DataType.int32, DataType.bool]);

/**
 * Whether XLA may compute a node together with others like it. Updates of variables may not: with them in it, XLA's code
 * was slower than TensorFlow's kernels, which work where a variable lies.
 */
export function mayJoin({ operation, inputs, outputs, controls }: GraphNode): boolean {
  const isKnown = [views, cheap, transcendental, reductions].some((group) => group.has(operation));
  return isKnown && controls.length === 0 && [...inputs, ...outputs].every(({ dataType }) => knownTypes.has(dataType));
}

/** Whether a node is a bias or an activation that oneDNN computes with the product before it. */
export function endsProduct(node: GraphNode, consumers: ReadonlyMap<GraphTensor, readonly GraphNode[]>): boolean {
  const [first, bias] = node.inputs;
  if (first === undefined || consumers.get(first)!.length > 1) return false;
  if (biases.has(node.operation)) return products.has(first.node.operation) && bias!.shape.length === 1;
  return activations.has(node.operation) && biases.has(first.node.operation) && endsProduct(first.node, consumers);
}

const bytesPerElement = 4;
/** About what two cores move, and what the rest costs besides. */
const bytesPerMicrosecond = 10_000;
const nodeInMicroseconds = 2;
const callInMicroseconds = 30;
const transcendentalPerMicrosecond = { grappler: 2000, xla: 6000 };

const elements = ({ shape }: GraphTensor) => shape.reduce((product, size) => product * size, 1);
export const bytesOf = (tensors: readonly GraphTensor[]) =>
  tensors.reduce((sum, tensor) => sum + bytesPerElement * elements(tensor), 0);

/** Microseconds, roughly, that one call of a cluster saves, most of it by what it does not write and read again. */
export function savedInMicroseconds(
  members: readonly GraphNode[],
  inputs: readonly GraphTensor[],
  outputs: readonly GraphTensor[],
): number {
  let moved = -bytesOf(inputs) - bytesOf(outputs);
  let saved = -callInMicroseconds;
  for (const node of members) {
    if (views.has(node.operation)) continue;
    saved += nodeInMicroseconds;
    moved += bytesOf(node.inputs) + bytesOf(node.outputs);
    if (!transcendental.has(node.operation)) continue;
    const { grappler, xla } = transcendentalPerMicrosecond;
    saved += (bytesOf(node.outputs) / bytesPerElement) * (1 / grappler - 1 / xla);
  }
  return saved + moved / bytesPerMicrosecond;
}
