import { type Attribute, AttributeType } from '../c-api/attributes.ts';
import { DataType } from '../c-api/types.ts';
import type { Graph, GraphNode, GraphTensor } from './graph.ts';

/** Shape and `TF_DataType` of a tensor. */
export type TensorType = Pick<GraphTensor, 'shape' | 'dataType'>;

/** Types of a function's parameters and results. */
export interface Signature {
  readonly parameters: readonly TensorType[];
  readonly results: readonly TensorType[];
}

/** An operation that calls a function of a given signature. */
interface Call {
  readonly operation: string;
  readonly attributes: readonly Attribute[];
}

/**
 * Makes a graph that makes `count` calls in order. Call i gets part i of each argument along its first axis, and the
 * captures unchanged. Results are stacked along a new first axis [count, …]. The calls update captured resources, so
 * each waits for the one before.
 *
 * @param step signature of the called function: its first `argumentCount` parameters are parts of arguments, the others
 *   captures
 */
export function loopGraph(step: Signature, argumentCount: number, count: number, call: Call): Graph {
  const parameters = step.parameters.map(({ shape, dataType }, index) =>
    placeholder({ shape: index < argumentCount ? [count, ...shape] : shape, dataType }),
  );
  const lists = step.results.map((type) =>
    node(
      'TensorListReserve',
      [typed('element_dtype', type.dataType), INT32_SHAPE],
      [shapeOf(type), integer(count)],
      LIST_TYPE,
    ),
  );
  const given = [integer(0), ...parameters.map(output), ...lists.map(output)];
  const loop = node(
    'While',
    [
      { name: 'T', type: AttributeType.type, value: given.map(({ dataType }) => dataType) },
      { name: 'output_shapes', type: AttributeType.shape, value: given.map(({ shape }) => shape) },
      { name: 'parallel_iterations', type: AttributeType.int, value: 1 },
      { name: '_lower_using_switch_merge', type: AttributeType.bool, value: true },
    ],
    given,
    given,
    { functions: { cond: conditionGraph(given, count), body: bodyGraph(given, step, argumentCount, call) } },
  );
  const results = step.results.map((type, index) => {
    const written = loop.outputs[1 + parameters.length + index]!;
    const attributes = [
      typed('element_dtype', type.dataType),
      { name: 'num_elements', type: AttributeType.int, value: count },
    ];
    const stacked = { shape: [count, ...type.shape], dataType: type.dataType };
    return output(node('TensorListStack', attributes, [written, shapeOf(type)], stacked));
  });
  return { parameters, results, effects: [loop] };
}

function conditionGraph(given: readonly GraphTensor[], count: number): Graph {
  const parameters = given.map(placeholder);
  const less = node('Less', [typed('T', DataType.int32)], [output(parameters[0]!), integer(count)], {
    shape: [],
    dataType: DataType.bool,
  });
  return { parameters, results: [output(less)], effects: [] };
}

function bodyGraph(given: readonly GraphTensor[], step: Signature, argumentCount: number, call: Call): Graph {
  const parameters = given.map(placeholder);
  const [index, ...rest] = parameters.map(output);
  const taken = rest.slice(0, step.parameters.length);
  const operands = taken.map((parameter, position) => (position < argumentCount ? part(parameter, index!) : parameter));
  const called = node(call.operation, call.attributes, operands, step.results);
  const lists = called.outputs.map((result, position) => {
    const attributes = [
      typed('element_dtype', result.dataType),
      { name: 'resize_if_index_out_of_bounds', type: AttributeType.bool, value: false },
    ];
    return output(node('TensorListSetItem', attributes, [rest[taken.length + position]!, index!, result], LIST_TYPE));
  });
  // The next round waits for the call even if no result flows into it.
  const next = node('AddV2', [typed('T', DataType.int32)], [index!, integer(1)], index!, { controls: [called] });
  const passedOn = taken.map((parameter) =>
    output(node('Identity', [typed('T', parameter.dataType)], [parameter], parameter)),
  );
  return { parameters, results: [output(next), ...passedOn, ...lists], effects: [called] };
}

/** `stacked[index]` */
function part(stacked: GraphTensor, index: GraphTensor): GraphTensor {
  const attributes = [
    typed('Tparams', stacked.dataType),
    typed('Tindices', DataType.int32),
    typed('Taxis', DataType.int32),
  ];
  const { dataType, shape } = stacked;
  return output(node('GatherV2', attributes, [stacked, index, integer(0)], { dataType, shape: shape.slice(1) }));
}

const LIST_TYPE: TensorType = { shape: [], dataType: DataType.variant };
const INT32_SHAPE = typed('shape_type', DataType.int32);

function typed(name: string, dataType: number): Attribute {
  return { name, type: AttributeType.type, value: dataType };
}

function node(
  operation: string,
  attributes: readonly Attribute[],
  inputs: readonly GraphTensor[],
  types: TensorType | readonly TensorType[],
  more: Partial<GraphNode> = {},
): GraphNode {
  const outputs: GraphTensor[] = [];
  const made: GraphNode = { controls: [], ...more, operation, attributes, inputs, outputs };
  for (const [index, { shape, dataType }] of [types].flat().entries()) {
    outputs.push({ node: made, index, shape, dataType });
  }
  return made;
}

function output({ outputs }: GraphNode): GraphTensor {
  return outputs[0]!;
}

function placeholder(type: TensorType): GraphNode {
  return node(
    'Placeholder',
    [typed('dtype', type.dataType), { name: 'shape', type: AttributeType.shape, value: type.shape }],
    [],
    type,
  );
}

function constant(values: Int32Array, shape: readonly number[]): GraphTensor {
  const type = { shape, dataType: DataType.int32 };
  return output(node('Const', [typed('dtype', DataType.int32)], [], type, { value: values }));
}

function integer(value: number): GraphTensor {
  return constant(Int32Array.of(value), []);
}

function shapeOf({ shape }: TensorType): GraphTensor {
  return constant(Int32Array.from(shape), [shape.length]);
}
