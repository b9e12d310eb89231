import { type Attribute, AttributeType } from '../c-api/attributes.ts';
import { bytesField, encodeMessage, type Field, floatField, integerField, messageField } from '../c-api/proto.ts';
import { type Graph, type GraphNode, type GraphTensor, reachableNodes } from './graph.ts';
import { scopeOf } from './scopes.ts';

/** Largest constant that is written in full: TensorBoard shows values, and nobody reads long ones. */
const MAXIMUM_SHOWN_BYTES = 1024;

/**
 * Serializes a graph as `GraphDef` (tensorflow/core/framework/graph.proto), for TensorBoard. Nodes are named after the
 * calls that made them, and have the shapes of their results. Functions that loops and branches call are in the
 * library. Long constants are left out.
 *
 * @param parameterNames names for the graph's parameters, `variables/weight`
 */
export function encodeGraphDef(graph: Graph, parameterNames: readonly string[]): Uint8Array {
  const library: Field[] = [];
  const nodes = encodeNodes(graph, parameterNames, library).map((node) => messageField(1, node));
  const versions = messageField(4, [integerField(1, PRODUCER)]);
  return encodeMessage([...nodes, messageField(2, library), versions]);
}

/** `TF_GRAPH_DEF_VERSION` of TensorFlow 2.21; TensorBoard only asks that there is one. */
const PRODUCER = 2387;

/** @returns a `NodeDef` each; functions that the nodes call are added to `library` */
function encodeNodes(graph: Graph, parameterNames: readonly string[], library: Field[]): Field[][] {
  const nodes = reachableNodes(graph);
  const names = namesOf(graph, nodes, parameterNames);
  const reference = ({ node, index }: GraphTensor) => `${names.get(node)!}${index === 0 ? '' : `:${index}`}`;
  return nodes.map((node) => {
    const functions = Object.entries(node.functions ?? {}).map(([attribute, called]) => {
      const name = `${names.get(node)!.replaceAll('/', '_')}_${attribute}`;
      library.push(messageField(1, encodeFunction(name, called, library)));
      return attributeField(attribute, messageField(10, [bytesField(1, name)]));
    });
    return [
      bytesField(1, names.get(node)!),
      bytesField(2, node.operation),
      ...node.inputs.map((input) => bytesField(3, reference(input))),
      ...node.controls.map((control) => bytesField(3, `^${names.get(control)!}`)),
      ...node.attributes.map((attribute) => attributeField(attribute.name, encodeValue(attribute))),
      ...functions,
      ...(node.value === undefined ? [] : [encodeConstant(node)]),
      attributeField(
        '_output_shapes',
        messageField(
          1,
          node.outputs.map(({ shape }) => messageField(7, shapeOf(shape))),
        ),
      ),
    ];
  });
}

/** Names each node uniquely by its scope, its operation, and a number from the second on. */
function namesOf(graph: Graph, nodes: readonly GraphNode[], parameterNames: readonly string[]): Map<GraphNode, string> {
  const names = new Map(graph.parameters.map((node, index) => [node, parameterNames[index]!]));
  const scopes = new Map<GraphNode, string>();
  // A node without a scope, such as a constant, gets the scope of its first user.
  for (const node of nodes.toReversed()) {
    const scope = scopeOf(node) ?? scopes.get(node) ?? '';
    scopes.set(node, scope);
    for (const { node: used } of node.inputs) scopes.set(used, scope);
  }
  const counts = new Map<string, number>();
  for (const node of nodes) {
    if (names.has(node)) continue;
    const scope = scopes.get(node)!;
    const name = scope === '' ? node.operation : `${scope}/${node.operation}`;
    const count = counts.get(name) ?? 0;
    counts.set(name, count + 1);
    names.set(node, count === 0 ? name : `${name}_${count}`);
  }
  return names;
}

/** A `FunctionDef` (tensorflow/core/framework/function.proto). */
function encodeFunction(name: string, graph: Graph, library: Field[]): Field[] {
  const parameterNames = graph.parameters.map((_, index) => `argument_${index}`);
  const bodyNodes = reachableNodes(graph);
  const names = namesOf(graph, bodyNodes, parameterNames);
  const isParameter = new Set(graph.parameters);
  const body = encodeNodes(graph, parameterNames, library).filter((_, index) => !isParameter.has(bodyNodes[index]!));
  const argument = (field: number, argumentName: string, { dataType }: GraphTensor) =>
    messageField(field, [bytesField(1, argumentName), integerField(3, dataType)]);
  const results = graph.results.map((result, index) => ({ result, name: `result_${index}` }));
  return [
    messageField(1, [
      bytesField(1, name),
      ...graph.parameters.map(({ outputs }, index) => argument(2, parameterNames[index]!, outputs[0]!)),
      ...results.map(({ result, name: resultName }) => argument(3, resultName, result)),
    ]),
    ...body.map((node) => messageField(3, node)),
    ...results.map(({ result: { node, index }, name: resultName }) =>
      messageField(4, [bytesField(1, resultName), bytesField(2, `${names.get(node)!}:${index}`)]),
    ),
  ];
}

function attributeField(name: string, value: Field): Field {
  return messageField(5, [bytesField(1, name), messageField(2, [value])]);
}

/** An `AttrValue` (tensorflow/core/framework/attr_value.proto). */
function encodeValue({ type, value }: Attribute): Field {
  const encode = SCALAR_FIELDS[type]!;
  if (type === AttributeType.shape) {
    const shapes = value as readonly number[] | readonly (readonly number[])[];
    return isListOfShapes(shapes)
      ? messageField(
          1,
          shapes.map((shape) => encode(shape)),
        )
      : encode(shapes);
  }
  return Array.isArray(value)
    ? messageField(
        1,
        value.map((each) => encode(each)),
      )
    : encode(value);
}

function isListOfShapes(
  shapes: readonly number[] | readonly (readonly number[])[],
): shapes is readonly (readonly number[])[] {
  return Array.isArray(shapes[0]);
}

/** Fields by the kind of attribute. A value and a list of values have the same field numbers. */
const SCALAR_FIELDS: Readonly<Record<number, (value: unknown) => Field>> = {
  [AttributeType.string]: (value) => bytesField(2, value as string | Uint8Array),
  [AttributeType.int]: (value) => integerField(3, value as number),
  [AttributeType.float]: (value) => floatField(4, value as number),
  [AttributeType.bool]: (value) => integerField(5, Boolean(value)),
  [AttributeType.type]: (value) => integerField(6, value as number),
  [AttributeType.shape]: (value) => messageField(7, shapeOf(value as readonly number[])),
  [AttributeType.function]: (value) => messageField(10, [bytesField(1, value as string)]),
};

/** A `TensorShapeProto`. */
function shapeOf(shape: readonly number[]): Field[] {
  return shape.map((size) => messageField(2, [integerField(1, size)]));
}

/** The attribute `value` of a `Const`, a `TensorProto`. */
function encodeConstant({ value, outputs }: GraphNode): Field {
  const { dataType, shape } = outputs[0]!;
  const isShown = ArrayBuffer.isView(value) && value.byteLength <= MAXIMUM_SHOWN_BYTES;
  const content = isShown ? [bytesField(4, new Uint8Array(value.buffer, value.byteOffset, value.byteLength))] : [];
  return attributeField(
    'value',
    messageField(8, [integerField(1, dataType), messageField(2, shapeOf(shape)), ...content]),
  );
}
