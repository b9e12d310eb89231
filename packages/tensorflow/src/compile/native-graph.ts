import { type Attribute, AttributeSetter } from '../c-api/attributes.ts';
import type { OperationOutput } from '../c-api/declarations.ts';
import { addressesOf } from '../c-api/memory.ts';
import type { TensorTransfer } from '../c-api/tensors.ts';
import type { Pointer } from '../c-api/types.ts';
import koffi from '../koffi.ts';
import type { Runtime } from '../runtime.ts';
import type { Graph, GraphNode, GraphTensor } from './graph.ts';
import { inputArguments, type OperationArgument } from './operation-arguments.ts';

/** Type and shape of an operation's result as TensorFlow infers them. Dimensions that depend on data are undefined. */
interface InferredOutput {
  readonly dataType: number;
  /** Undefined where the rank is unknown. */
  readonly shape: readonly (number | undefined)[] | undefined;
}

/** Signatures by operation, read from the library once. */
const signatures = new Map<string, OperationArgument[]>();

/** A `TF_Graph` built node by node. TensorFlow checks every node and infers its results' shapes as it is added. */
export class NativeGraph {
  readonly #runtime: Runtime;
  readonly #transfer: TensorTransfer;
  readonly #setter: AttributeSetter;
  /** `TF_Graph*` */
  readonly graph: Pointer;
  readonly #operations = new Map<GraphNode, Pointer>();
  readonly #define: (called: Graph) => string;
  /** Names of the defined functions: several nodes may call the same. */
  readonly #defined = new Map<Graph, string>();

  /** @param define makes a function of a called graph and returns its name, by which TensorFlow finds it at run time */
  constructor(runtime: Runtime, transfer: TensorTransfer, define: (called: Graph) => string = () => 'undefined') {
    this.#runtime = runtime;
    this.#transfer = transfer;
    this.#define = define;
    this.#setter = new AttributeSetter(runtime.api, runtime.status, 'graph');
    this.graph = runtime.api.TF_NewGraph();
  }

  /**
   * Adds a node. Its inputs must have been added.
   *
   * @throws TensorFlowError where TensorFlow refuses it
   */
  add(node: GraphNode): InferredOutput[] {
    const { api, status } = this.#runtime;
    const { operation: type, attributes, inputs, controls } = node;
    const description = api.TF_NewOperation(this.graph, type, `${type}_${this.#operations.size}`);
    let next = 0;
    for (const { length, isList } of this.#argumentLengths(node)) {
      const outputs = inputs.slice(next, next + length).map((input) => this.#output(input));
      if (isList) api.TF_AddInputList(description, outputs, outputs.length);
      else api.TF_AddInput(description, outputs[0]!);
      next += length;
    }
    for (const control of controls) api.TF_AddControlInput(description, this.#operations.get(control)!);
    this.#setter.setAll(description, type, attributes);
    for (const [name, called] of Object.entries(node.functions ?? {})) {
      const functionName = this.#defined.get(called) ?? this.#define(called);
      this.#defined.set(called, functionName);
      api.TF_SetAttrFuncName(description, name, functionName, Buffer.byteLength(functionName));
    }
    if (node.value !== undefined) this.#setValue(description, node);
    const operation = api.TF_FinishOperation(description, status.pointer);
    status.check(type);
    this.#operations.set(node, operation);
    return Array.from({ length: api.TF_OperationNumOutputs(operation) }, (_, index) => {
      const output = { oper: operation, index };
      return { dataType: api.TF_OperationOutputType(output), shape: this.#shapeOf(output) };
    });
  }

  /** Adds an operation without inputs in the place of a node. */
  addAs(node: GraphNode, operation: string, attributes: readonly Attribute[]): void {
    const stand: GraphNode = { operation, attributes, inputs: [], controls: [], outputs: [] };
    this.add(stand);
    this.#operations.set(node, this.#operations.get(stand)!);
  }

  /** Makes the graph a function that eager operations of this context can call. */
  toFunction(name: string, { parameters, results, effects }: Graph): void {
    const { api, status, context } = this.#runtime;
    const inputs = parameters.map(({ outputs }) => this.#output(outputs[0]!));
    const outputs = results.map((result) => this.#output(result));
    const controls = addressesOf(effects.map((node) => this.#operations.get(node)!));
    const definition = api.TF_GraphToFunctionWithControlOutputs(
      this.graph,
      name,
      0,
      -1,
      null,
      inputs.length,
      inputs,
      outputs.length,
      outputs,
      null,
      controls.length,
      controls,
      null,
      null,
      '',
      status.pointer,
    );
    status.check(`compiling ${name}`);
    try {
      api.TFE_ContextAddFunction(context, definition, status.pointer);
      status.check(`compiling ${name}`);
    } finally {
      api.TF_DeleteFunction(definition);
    }
  }

  dispose(): void {
    this.#runtime.api.TF_DeleteGraph(this.graph);
  }

  /** The operation that a node became. */
  operationOf(node: GraphNode): Pointer {
    return this.#operations.get(node)!;
  }

  #output({ node, index }: GraphTensor): OperationOutput {
    return { oper: this.#operations.get(node)!, index };
  }

  /** Divides a node's inputs among the arguments of its operation. */
  #argumentLengths(node: GraphNode): { readonly length: number; readonly isList: boolean }[] {
    const signature = this.#signatureOf(node.operation);
    const lists = signature.filter(({ lengthAttribute, typesAttribute }) => lengthAttribute ?? typesAttribute);
    const rest = node.inputs.length - (signature.length - lists.length);
    return signature.map(({ lengthAttribute, typesAttribute }) => {
      const attributeName = lengthAttribute ?? typesAttribute;
      if (attributeName === undefined) return { length: 1, isList: false };
      const value = node.attributes.find(({ name }) => name === attributeName)?.value;
      if (typeof value === 'number') return { length: value, isList: true };
      if (Array.isArray(value)) return { length: value.length, isList: true };
      if (lists.length > 1) throw new Error(`${node.operation}: attribute ${attributeName} must be given`);
      return { length: rest, isList: true };
    });
  }

  #signatureOf(operation: string): OperationArgument[] {
    let signature = signatures.get(operation);
    if (signature === undefined) {
      const { api, status } = this.#runtime;
      const buffer = api.TF_NewBuffer();
      try {
        api.TF_GraphGetOpDef(this.graph, operation, buffer, status.pointer);
        status.check(operation);
        const { data, length } = koffi.decode(buffer, bufferStruct) as { data: Pointer; length: number };
        signature = inputArguments(new Uint8Array(koffi.view(data, length)).slice());
      } finally {
        api.TF_DeleteBuffer(buffer);
      }
      signatures.set(operation, signature);
    }
    return signature;
  }

  #setValue(description: Pointer, { operation, value, outputs }: GraphNode): void {
    const { api, status } = this.#runtime;
    const { shape, dataType } = outputs[0]!;
    const tensor = this.#transfer.createTensor(shape, dataType, value!);
    api.TF_SetAttrTensor(description, 'value', tensor, status.pointer);
    api.TF_DeleteTensor(tensor);
    status.check(operation);
  }

  #shapeOf(output: OperationOutput): (number | undefined)[] | undefined {
    const { api, status } = this.#runtime;
    const rank = api.TF_GraphGetTensorNumDims(this.graph, output, status.pointer);
    status.check('a shape');
    if (rank < 0) return undefined;
    const dimensions = new BigInt64Array(Math.max(1, rank));
    api.TF_GraphGetTensorShape(this.graph, output, dimensions, rank, status.pointer);
    status.check('a shape');
    return Array.from(dimensions.subarray(0, rank), (size) => (size < 0n ? undefined : Number(size)));
  }
}

/** `TF_Buffer` (tensorflow/c/tf_buffer.h). */
export const bufferStruct = koffi.struct('TF_Buffer', { data: 'void*', length: 'size_t', deallocator: 'void*' });
