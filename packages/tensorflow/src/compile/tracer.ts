import { engine, type Tensor, type Variable } from '@tensorflow/tfjs-core';
import type { TensorFlowBackend } from '../backend/backend.ts';
import type { TensorMetadata } from '../backend/operation-runner.ts';
import { TensorData } from '../backend/tensor-data.ts';
import { type Attribute, AttributeType } from '../c-api/attributes.ts';
import type { Values } from '../c-api/tensors.ts';
import { DataType } from '../c-api/types.ts';
import { CompileError } from './compile-error.ts';
import type { Graph, GraphNode, GraphTensor } from './graph.ts';
import { NativeGraph } from './native-graph.ts';
import type { Called, Recorder } from './recorder.ts';

/** A variable or tensor from outside that a traced function uses. */
export type Capture =
  | { readonly kind: 'variable'; readonly variable: Variable; isWritten: boolean }
  | { readonly kind: 'tensor'; readonly data: TensorData; readonly origin: Error };

/** A traced function and its captures. Its parameters are the arguments, then the captures. */
export interface Trace<R> {
  readonly graph: Graph;
  readonly captures: readonly Capture[];
  /** The value that the function returned. Its tensors are symbolic. */
  readonly returned: R;
}

/** The reads and writes of a variable in a trace. */
interface VariableFlow {
  readonly capture: number;
  /** The symbol of its resource. */
  readonly resource: number;
  /** Symbol of the last value read; undefined after a write. */
  read: number | undefined;
  lastWrite: GraphNode | undefined;
  readsSinceWrite: GraphNode[];
}

const STACK_FRAMES = 60;

/**
 * Records the operations of tfjs's kernels as a graph instead of running them. Its handles are negative numbers,
 * symbols of the recorded results.
 */
export class Tracer implements Recorder {
  readonly #backend: TensorFlowBackend;
  /** The trace around this one, which records the function of a loop or a branch. */
  readonly #parent: Tracer | undefined;
  /** Checks each recorded node and infers the shapes of its results. */
  readonly #oracle: NativeGraph;
  readonly #symbols: GraphTensor[] = [];
  readonly #parameters: GraphNode[] = [];
  readonly #captures: Capture[] = [];
  readonly #effects: GraphNode[] = [];
  readonly #variables = new Map<TensorData, VariableFlow | Variable>();
  /** Data of the variables when the trace began. */
  readonly #originals = new Map<Variable, TensorData>();
  readonly #flowsByResource = new Map<number, VariableFlow>();
  readonly #captured = new Map<TensorData, number>();
  #lastOutputs: number[] = [];

  private constructor(backend: TensorFlowBackend, parent?: Tracer) {
    this.#backend = backend;
    this.#parent = parent;
    this.#oracle = new NativeGraph(backend.runtime, backend.transfer);
  }

  /**
   * Runs `body` on symbolic tensors in place of `tensors`, and records its operations.
   *
   * @param resultsOf lists the tensors in the value that `body` returns
   * @throws CompileError naming the line that cannot be compiled
   */
  static trace<R>(
    backend: TensorFlowBackend,
    tensors: readonly Tensor[],
    body: (symbolic: Tensor[]) => R,
    resultsOf: (returned: R) => readonly Tensor[],
  ): Trace<R> {
    const tracer = new Tracer(backend);
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = STACK_FRAMES;
    engine().startScope('trace');
    try {
      return backend.traceWith(tracer, () => tracer.#record(tensors, body, resultsOf));
    } finally {
      engine().endScope();
      Error.stackTraceLimit = limit;
      tracer.#oracle.dispose();
    }
  }

  #record<R>(
    tensors: readonly Tensor[],
    body: (symbolic: Tensor[]) => R,
    resultsOf: (returned: R) => readonly Tensor[],
  ): Trace<R> {
    const before = Object.values(engine().registeredVariables);
    for (const variable of before) {
      const data = this.#backend.dataOf(variable.dataId);
      data.references++; // an assignment must not free the value
      this.#variables.set(data, variable);
      this.#originals.set(variable, data);
    }
    try {
      const returned = body(tensors.map((tensor) => this.#argument(tensor)));
      const created = Object.values(engine().registeredVariables).find((variable) => !before.includes(variable));
      if (created !== undefined) {
        throw new CompileError(`variable ${created.name} is created inside a compiled function: create it outside`);
      }
      for (const variable of this.#originals.keys()) this.#writeBack(variable);
      const tensorsReturned = resultsOf(returned);
      const results = tensorsReturned.map((tensor) => this.#result(tensor));
      for (const tensor of tensorsReturned) {
        // Kept tensors survive the scope; tensors of other traces are not ours.
        if ((tensor.dataId as TensorData).trace === this) tensor.dispose();
      }
      return {
        graph: { parameters: this.#parameters, results, effects: this.#effects },
        captures: this.#captures,
        returned,
      };
    } finally {
      for (const [variable, data] of this.#originals) {
        restore(variable, data);
        data.references--;
      }
    }
  }

  /** Records the assignment of a variable, and gives the variable its own data back. */
  #writeBack(variable: Variable): TensorData {
    const now = this.#backend.dataOf(variable.dataId);
    const data = this.#originals.get(variable) ?? now;
    if (now !== data) {
      this.#assign(data, this.#backend.handleOf(now));
      restore(variable, data);
    }
    return data;
  }

  recordCalled(
    tensors: readonly Tensor[],
    called: readonly Called[],
  ): { readonly graphs: Graph[]; readonly captured: number[] } {
    const backend = this.#backend;
    const traced: { readonly tracer: Tracer; readonly results: readonly GraphTensor[] }[] = [];
    try {
      for (const { run } of called) {
        const tracer = new Tracer(backend, this);
        traced.push({ tracer, results: backend.traceWith(tracer, () => tracer.#recordPure(tensors, run)) });
      }
      const captured = [...new Set(traced.flatMap(({ tracer }) => [...tracer.#captured.keys()]))];
      const graphs = traced.map(({ tracer, results }, index) => {
        const symbols = captured.map((data) => tracer.#symbol(tracer.handleOf(data)));
        const all = called[index]!.returnsCaptures ? [...results, ...symbols] : results;
        const parameters = [...tracer.#parameters.slice(0, tensors.length), ...symbols.map(({ node }) => node)];
        return { parameters, results: all.map((symbol) => tracer.#ownResult(symbol)), effects: [] };
      });
      return { graphs, captured: captured.map((data) => backend.handleOf(data)) };
    } finally {
      for (const { tracer } of traced) tracer.#oracle.dispose();
    }
  }

  #recordPure(tensors: readonly Tensor[], run: Called['run']): GraphTensor[] {
    const before = Object.values(engine().registeredVariables).map((variable) => [variable, variable.dataId] as const);
    engine().startScope('called');
    try {
      const returned = run(tensors.map((tensor) => this.#argument(tensor)));
      const updated = before.find(([variable, dataId]) => variable.dataId !== dataId)?.[0];
      if (updated !== undefined || this.#effects.length > 0) {
        throw new CompileError(
          `${updated === undefined ? 'a variable' : `variable ${updated.name}`} is updated inside a loop or a branch: return its value and assign it outside`,
        );
      }
      return returned.map((tensor) => this.#symbol(this.#backend.handleOf(this.#backend.dataOf(tensor.dataId))));
    } finally {
      engine().endScope();
    }
  }

  isInside(trace: object): boolean {
    return this === trace || this.#parent?.isInside(trace) === true;
  }

  // Recorder

  run(name: string, attributes: readonly Attribute[], inputs: readonly number[]): number {
    return this.runCalling(name, attributes, inputs, {});
  }

  runCalling(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly number[],
    functions: Readonly<Record<string, Graph>>,
  ): number {
    const flows = inputs.flatMap((input) => this.#flowsByResource.get(input) ?? []);
    const controls = flows.flatMap(({ lastWrite, readsSinceWrite }) => [
      ...(lastWrite ? [lastWrite] : []),
      ...readsSinceWrite,
    ]);
    const node = this.#add({
      operation: name,
      attributes: attributes.map((attribute) => ({ ...attribute })),
      inputs: inputs.map((input) => this.#symbol(input)),
      controls,
      outputs: [],
      functions,
    });
    for (const flow of flows) {
      flow.read = undefined;
      flow.lastWrite = node;
      flow.readsSinceWrite = [];
      const capture = this.#captures[flow.capture]!;
      if (capture.kind === 'variable') capture.isWritten = true;
    }
    if (flows.length > 0 || node.outputs.length === 0) this.#effects.push(node);
    this.#lastOutputs = node.outputs.map((output) => this.#handle(output));
    return this.#lastOutputs.length;
  }

  output(index: number): number {
    return this.#lastOutputs[index]!;
  }

  constant(shape: readonly number[], dataType: number, values: ArrayLike<unknown>): number {
    if (dataType === DataType.string) throw new CompileError('strings cannot be compiled: make them outside');
    const outputs: GraphTensor[] = [];
    const node: GraphNode = {
      operation: 'Const',
      attributes: [{ name: 'dtype', type: AttributeType.type, value: dataType }],
      inputs: [],
      controls: [],
      outputs,
      value: copyValues(values),
      origin: new Error(),
    };
    outputs.push({ node, index: 0, shape, dataType });
    this.#oracle.add(node);
    return this.#handle(outputs[0]!);
  }

  describe(handle: number): TensorMetadata {
    const { shape, dataType } = this.#symbol(handle);
    return { id: handle, shape: [...shape], dtype: dataType };
  }

  handleOf(data: TensorData): number {
    if (this.#variables.has(data)) return this.#readVariable(this.#flowOf(data), data);
    let handle = this.#captured.get(data);
    if (handle === undefined && data.trace !== undefined && data.values !== null) {
      return this.constant(data.shape, data.dataType, data.values);
    }
    if (handle === undefined) {
      handle = this.#placeholder(data.shape, data.dataType);
      this.#captures.push({ kind: 'tensor', data, origin: new Error() });
      this.#captured.set(data, handle);
    }
    return handle;
  }

  resourceOf(variable: Variable): number {
    return this.#flowOf(this.#writeBack(variable)).resource;
  }

  // Recording

  #add(node: GraphNode, inferred = this.#oracle.add(node)): GraphNode {
    inferred.forEach(({ dataType, shape }, index) => {
      if (shape?.every((size) => size !== undefined) !== true) {
        const known = shape === undefined ? 'of unknown rank' : `[${shape.map((size) => size ?? '?')}]`;
        throw new CompileError(
          `the shape of ${node.operation}'s result (${known}) depends on data: a compiled function's shapes must follow from its arguments' shapes`,
        );
      }
      node.outputs.push({ node, index, shape: shape, dataType });
    });
    return node;
  }

  #argument(tensor: Tensor): Tensor {
    const { shape, dtype } = tensor;
    const dataType = this.#backend.dataOf(tensor.dataId).dataType;
    const data = new TensorData(shape, dataType, null, 1, this);
    data.handle = this.#placeholder(shape, dataType);
    return engine().makeTensorFromTensorInfo({ dataId: data, shape, dtype });
  }

  #placeholder(shape: readonly number[], dataType: number): number {
    const node: GraphNode = {
      operation: 'Placeholder',
      attributes: [
        { name: 'dtype', type: AttributeType.type, value: dataType },
        { name: 'shape', type: AttributeType.shape, value: shape },
      ],
      inputs: [],
      controls: [],
      outputs: [],
    };
    this.#parameters.push(this.#add(node));
    return this.#handle(node.outputs[0]!);
  }

  #flowOf(data: TensorData): VariableFlow {
    const found = this.#variables.get(data);
    if (found === undefined) throw new CompileError('only a variable made outside can be updated in place');
    if ('capture' in found) return found;
    const resource = this.#placeholder([], DataType.resource);
    const capture = this.#captures.push({ kind: 'variable', variable: found, isWritten: false }) - 1;
    const flow = { capture, resource, read: undefined, lastWrite: undefined, readsSinceWrite: [] };
    this.#variables.set(data, flow);
    this.#flowsByResource.set(resource, flow);
    return flow;
  }

  #readVariable(flow: VariableFlow, { shape, dataType }: TensorData): number {
    if (flow.read !== undefined) return flow.read;
    const node: GraphNode = {
      operation: 'ReadVariableOp',
      attributes: [{ name: 'dtype', type: AttributeType.type, value: dataType }],
      inputs: [this.#symbol(flow.resource)],
      controls: flow.lastWrite === undefined ? [] : [flow.lastWrite],
      outputs: [],
    };
    // A captured resource has no known shape, so the oracle gets a placeholder for the value.
    this.#oracle.addAs(node, 'Placeholder', [
      { name: 'dtype', type: AttributeType.type, value: dataType },
      { name: 'shape', type: AttributeType.shape, value: shape },
    ]);
    this.#add(node, [{ dataType, shape }]);
    flow.readsSinceWrite.push(node);
    flow.read = this.#handle(node.outputs[0]!);
    return flow.read;
  }

  #assign(data: TensorData, value: number): void {
    const { resource } = this.#flowOf(data);
    this.run(
      'AssignVariableOp',
      [{ name: 'dtype', type: AttributeType.type, value: data.dataType }],
      [resource, value],
    );
  }

  /** The symbol of a result. A returned argument or capture gets a node of its own. */
  #result(tensor: Tensor): GraphTensor {
    return this.#ownResult(this.#symbol(this.#backend.handleOf(this.#backend.dataOf(tensor.dataId))));
  }

  #ownResult(symbol: GraphTensor): GraphTensor {
    if (!this.#parameters.includes(symbol.node)) return symbol;
    this.run('Identity', [{ name: 'T', type: AttributeType.type, value: symbol.dataType }], [this.#handle(symbol)]);
    return this.#symbol(this.output(0));
  }

  #handle(symbol: GraphTensor): number {
    return -this.#symbols.push(symbol);
  }

  #symbol(handle: number): GraphTensor {
    const symbol = this.#symbols[-handle - 1];
    if (symbol === undefined) throw new CompileError('a tensor of another trace is used inside a compiled function');
    return symbol;
  }
}

/** Gives a variable back the data that `assign` replaced. */
function restore(variable: Variable, data: TensorData): void {
  if (variable.dataId === data) return;
  engine().disposeTensor(variable);
  variable.dataId = data;
  engine().incRef(variable, null as never);
}

/** Copies values, because tfjs may reuse their array. */
function copyValues(values: ArrayLike<unknown>): Values {
  return (ArrayBuffer.isView(values) ? (values as Float32Array).slice() : Array.from(values)) as Values;
}
