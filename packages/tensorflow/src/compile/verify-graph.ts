import { DataType, dataTypeName } from '../c-api/types.ts';
import { CompileError } from './compile-error.ts';
import { type Graph, type GraphNode, type GraphTensor, reachableNodes } from './graph.ts';

const KNOWN_TYPES: ReadonlySet<number> = new Set(Object.values(DataType));

/** Number of a node's first inputs that a called function does not get: the predicate of a branch. */
const INPUTS_KEPT: Readonly<Record<string, number>> = { then_branch: 1, else_branch: 1 };

/**
 * Checks that a graph is well formed, with everything that its nodes call:
 *
 * - parameters are distinct placeholders, and no other placeholder can be reached;
 * - every node comes after its inputs and controls, so there is no cycle;
 * - every tensor is one of the outputs of its node, with a known type and a shape of whole numbers;
 * - constants, and only they, have a value, of as many elements as their shape;
 * - no attribute is given twice;
 * - called functions take the node's inputs and return its outputs.
 *
 * @param stage the origin of the graph, `the trace`
 * @throws CompileError naming the stage and the node
 */
export function verifyGraph(graph: Graph, stage: string): void {
  new GraphVerifier(stage).graph(graph);
}

/**
 * Checks a tensor that a rule puts in the place of another: the type and shape are the same, and a new node is well
 * formed.
 *
 * @param placed all nodes before it
 * @throws CompileError naming the stage and the node
 */
export function verifyReplacement(
  replaced: GraphTensor,
  replacement: GraphTensor,
  placed: ReadonlySet<GraphNode>,
  stage: string,
): void {
  const verifier = new GraphVerifier(stage);
  if (!placed.has(replacement.node)) verifier.node(replacement.node, placed);
  verifier.tensor(replacement, replaced.node, 'its replacement');
  verifier.sameType(replacement, replaced, replaced.node, 'its replacement');
}

class GraphVerifier {
  readonly #stage: string;
  /** Calls may share a function. */
  readonly #verified = new Set<Graph>();
  /** Positions of the current graph's nodes, which name them in the graph's text. */
  #positions: ReadonlyMap<GraphNode, number> = new Map();

  constructor(stage: string) {
    this.#stage = stage;
  }

  graph(graph: Graph): void {
    if (this.#verified.has(graph)) return;
    this.#verified.add(graph);
    const nodes = reachableNodes(graph);
    const [outer, positions] = [this.#positions, new Map(nodes.map((node, index) => [node, index]))];
    this.#positions = positions;
    const parameters = new Set<GraphNode | undefined>(graph.parameters);
    if (parameters.has(undefined)) this.#fail(undefined, 'expected a node as parameter, got none');
    if (parameters.size < graph.parameters.length) this.#fail(nodes[0], 'expected each parameter once, got one twice');
    const placed = new Set<GraphNode>();
    for (const node of nodes) {
      if (node.operation === 'Placeholder' && !parameters.has(node)) {
        this.#fail(node, 'expected a parameter of this graph, got a placeholder of another');
      }
      if (node.operation !== 'Placeholder' && parameters.has(node)) {
        this.#fail(node, 'expected a Placeholder as parameter');
      }
      this.node(node, placed);
      placed.add(node);
    }
    const results: readonly (GraphTensor | undefined)[] = graph.results;
    for (const [index, result] of results.entries()) {
      if (result === undefined) this.#fail(undefined, `expected a tensor as result ${index}, got none`);
      this.tensor(result, result.node, `result ${index}`);
    }
    if (graph.effects.some((effect) => !placed.has(effect)))
      this.#fail(undefined, 'expected a node as effect, got none');
    if (new Set(graph.effects).size < graph.effects.length) {
      this.#fail(graph.effects[0], 'expected each effect once, got one twice');
    }
    this.#positions = outer;
  }

  /** @param placed all nodes before it */
  node(node: GraphNode, placed: ReadonlySet<GraphNode>): void {
    const inputs: readonly (GraphTensor | undefined)[] = node.inputs;
    for (const [index, input] of inputs.entries()) {
      if (input === undefined || !placed.has(input.node)) {
        this.#fail(node, `expected input ${index} to come from a node before it, got ${this.#name(input?.node)}`);
      }
      this.tensor(input, node, `input ${index}`);
    }
    for (const control of node.controls) {
      if (!placed.has(control)) this.#fail(node, `expected to wait for a node before it, got ${this.#name(control)}`);
    }
    for (const [index, output] of node.outputs.entries()) this.#output(output, node, index);
    const names = [...node.attributes.map(({ name }) => name), ...Object.keys(node.functions ?? {})];
    if (new Set(names).size < names.length) this.#fail(node, `expected each attribute once, got ${names.join(', ')}`);
    if (node.operation === 'Const' || node.operation === 'Placeholder') this.#source(node);
    if ((node.value === undefined) === (node.operation === 'Const')) {
      this.#fail(node, `expected a value of constants alone, got ${node.value === undefined ? 'none' : 'one'}`);
    }
    for (const [name, called] of Object.entries(node.functions ?? {})) this.#called(node, name, called);
  }

  /** Checks that a tensor is one of its node's outputs. @param user the node that an error names */
  tensor(tensor: GraphTensor, user: GraphNode, role: string): void {
    if (tensor.node.outputs[tensor.index] === tensor) return;
    const { length } = tensor.node.outputs;
    const from = `${tensor.index} of the ${length} outputs of ${this.#name(tensor.node)}`;
    this.#fail(user, `expected ${role} to be ${from}, got a tensor that it does not have`);
  }

  sameType(actual: GraphTensor, expected: GraphTensor, user: GraphNode, role: string): void {
    const { dataType, shape } = expected;
    const isSame =
      actual.dataType === dataType &&
      actual.shape.length === shape.length &&
      actual.shape.every((size, axis) => size === shape[axis]);
    if (!isSame) this.#fail(user, `expected ${role} to be ${typeText(expected)}, got ${typeText(actual)}`);
  }

  #output(output: GraphTensor, node: GraphNode, index: number): void {
    const isWhole = output.shape.every((size) => Number.isInteger(size) && size >= 0);
    if (output.node !== node || output.index !== index) {
      this.#fail(
        node,
        `expected output ${index} to be its own, got output ${output.index} of ${output.node.operation}`,
      );
    }
    if (!isWhole || !KNOWN_TYPES.has(output.dataType)) {
      this.#fail(node, `expected output ${index} of a known type and shape, got ${typeText(output)}`);
    }
  }

  /** Checks a constant or placeholder: its `dtype` attribute, and the number of a constant's values. */
  #source(node: GraphNode): void {
    const [output, ...more] = node.outputs;
    if (output === undefined || more.length > 0 || node.inputs.length > 0) {
      this.#fail(node, `expected no input and one output, got ${node.inputs.length} and ${node.outputs.length}`);
    }
    const dataType = node.attributes.find(({ name }) => name === 'dtype')?.value ?? output.dataType;
    if (dataType !== output.dataType) {
      this.#fail(
        node,
        `expected the dtype of its output (${typeText(output)}), got ${dataTypeName(dataType as number)}`,
      );
    }
    if (node.value === undefined) return;
    const numbers = output.dataType === DataType.complex64 ? 2 : 1;
    const expected = output.shape.reduce((product, size) => product * size, numbers);
    if (node.value.length !== expected) {
      this.#fail(node, `expected ${expected} values for ${typeText(output)}, got ${node.value.length}`);
    }
  }

  #called(node: GraphNode, name: string, called: Graph): void {
    this.graph(called);
    this.#sameTypes(
      called.parameters.map(({ outputs }) => outputs[0]!),
      node.inputs.slice(INPUTS_KEPT[name] ?? 0),
      node,
      `parameters of ${name}`,
    );
    if (name !== 'cond') this.#sameTypes(called.results, node.outputs, node, `results of ${name}`);
    else if (called.results.length !== 1) this.#fail(node, `expected one result of cond, got ${called.results.length}`);
  }

  #sameTypes(actual: readonly GraphTensor[], expected: readonly GraphTensor[], user: GraphNode, role: string): void {
    if (actual.length !== expected.length) {
      this.#fail(user, `expected ${expected.length} ${role}, got ${actual.length}`);
    }
    for (const [index, tensor] of actual.entries()) this.sameType(tensor, expected[index]!, user, `${role}[${index}]`);
  }

  #name(node: GraphNode | undefined): string {
    if (node === undefined) return 'none';
    const position = this.#positions.get(node);
    return position === undefined ? node.operation : `%${position} ${node.operation}`;
  }

  #fail(node: GraphNode | undefined, problem: string): never {
    const at = node === undefined ? '' : `${this.#name(node)}: `;
    throw new CompileError(`the graph after ${this.#stage} is malformed: ${at}${problem}`, node?.origin);
  }
}

function typeText({ dataType, shape }: GraphTensor): string {
  return `${dataTypeName(dataType)}[${shape}]`;
}
