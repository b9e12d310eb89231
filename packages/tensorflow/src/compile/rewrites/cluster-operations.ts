import { DataType } from '../../c-api/types.ts';
import type { GraphNode, GraphTensor } from '../graph.ts';

const names = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));

/** Operations that cost nothing in either engine. */
const VIEWS = names('ExpandDims Reshape Squeeze');

/** Operations of a few instructions per element. */
const CHEAP = names(
  `Abs Add AddV2 BiasAdd BroadcastTo Cast Div DivNoNan Equal Greater GreaterEqual Less LessEqual LogicalAnd LogicalNot
   LogicalOr Maximum Minimum Mul Neg NotEqual OnesLike RealDiv Reciprocal Relu Relu6 Relu6Grad ReluGrad Rsqrt Select
   SelectV2 Sqrt Square SquaredDifference Sub ZerosLike`,
);

/**
 * Operations of tens of instructions per element. TensorFlow's own kernels do not use the CPU's widest vectors for
 * them.
 */
const TRANSCENDENTAL = names(
  'Elu EluGrad Erf Exp Expm1 Log Log1p Pow Sigmoid SigmoidGrad Sin Cos Softplus SoftplusGrad Tanh TanhGrad',
);

const REDUCTIONS = names('BiasAddGrad Max Mean Min Sum');

/** Operations that oneDNN computes together with the bias and the activation after them. */
const PRODUCTS = names('Conv2D DepthwiseConv2dNative MatMul');
const BIASES = names('Add AddV2 BiasAdd');
const ACTIVATIONS = names('Elu Relu Relu6');

const KNOWN_TYPES = new Set<number>([DataType.float32, DataType.int32, DataType.bool]);

/**
 * Whether a node may be in a cluster that XLA compiles. Updates of variables may not: TensorFlow's kernels, which
 * update in place, were faster.
 */
export function mayJoin({ operation, inputs, outputs, controls }: GraphNode): boolean {
  const isKnown = [VIEWS, CHEAP, TRANSCENDENTAL, REDUCTIONS].some((group) => group.has(operation));
  return isKnown && controls.length === 0 && [...inputs, ...outputs].every(({ dataType }) => KNOWN_TYPES.has(dataType));
}

/** Whether a node is a bias or an activation that oneDNN computes with the product before it. */
export function endsProduct(node: GraphNode, consumers: ReadonlyMap<GraphTensor, readonly GraphNode[]>): boolean {
  const [first, bias] = node.inputs;
  if (first === undefined || consumers.get(first)!.length > 1) return false;
  if (BIASES.has(node.operation)) return PRODUCTS.has(first.node.operation) && bias!.shape.length === 1;
  return ACTIVATIONS.has(node.operation) && BIASES.has(first.node.operation) && endsProduct(first.node, consumers);
}

const BYTES_PER_ELEMENT = 4;
/** Rough costs on two cores: memory traffic, a node, a call. */
const BYTES_PER_MICROSECOND = 10_000;
const NODE_IN_MICROSECONDS = 2;
const CALL_IN_MICROSECONDS = 30;
const TRANSCENDENTAL_PER_MICROSECOND = { grappler: 2000, xla: 6000 };

const elements = ({ shape }: GraphTensor) => shape.reduce((product, size) => product * size, 1);
export const bytesOf = (tensors: readonly GraphTensor[]) =>
  tensors.reduce((sum, tensor) => sum + BYTES_PER_ELEMENT * elements(tensor), 0);

/** Estimates the microseconds that one call of a cluster saves, most of them in memory traffic between its members. */
export function savedInMicroseconds(
  members: readonly GraphNode[],
  inputs: readonly GraphTensor[],
  outputs: readonly GraphTensor[],
): number {
  let moved = -bytesOf(inputs) - bytesOf(outputs);
  let saved = -CALL_IN_MICROSECONDS;
  for (const node of members) {
    if (VIEWS.has(node.operation)) continue;
    saved += NODE_IN_MICROSECONDS;
    moved += bytesOf(node.inputs) + bytesOf(node.outputs);
    if (!TRANSCENDENTAL.has(node.operation)) continue;
    const { grappler, xla } = TRANSCENDENTAL_PER_MICROSECOND;
    saved += (bytesOf(node.outputs) / BYTES_PER_ELEMENT) * (1 / grappler - 1 / xla);
  }
  return saved + moved / BYTES_PER_MICROSECOND;
}
