import { backend as currentBackend, type Tensor } from '@tensorflow/tfjs-core';
import type { TensorFlowBackend } from '../backend/backend.ts';
import type { TensorData } from '../backend/tensor-data.ts';
import { AttributeType } from '../c-api/attributes.ts';
import { addressesOf } from '../c-api/memory.ts';
import { encodeMessage, integerField } from '../c-api/proto.ts';
import type { Pointer } from '../c-api/types.ts';
import koffi from '../koffi.ts';
import { CompileError } from './compile-error.ts';
import { type CompileOptions, configProto } from './compile.ts';
import { type GraphNode, reachableNodes } from './graph.ts';
import { inlineCalls } from './inline-calls.ts';
import { bufferStruct, NativeGraph } from './native-graph.ts';
import { runPasses } from './passes.ts';
import { applyRewrites } from './rewrites.ts';
import { type OperationTime, parseRunMetadata } from './run-metadata.ts';
import { flatten } from './structure.ts';
import { traceOnce } from './trace-function.ts';
import type { Trace } from './tracer.ts';

/** An operation that ran, with the shapes that were traced under its name. */
export interface ProfiledOperation extends OperationTime {
  /** Shapes of the inputs and results, `[2,3] [3,4] → [2,4]`; empty for an operation that grappler made. */
  readonly shapes: string;
}

export interface Profile {
  /** Wall time of the fastest of a few runs without tracing. */
  readonly wallTimeInMs: number;
  /** Operations after TensorFlow's own optimizations, each with its median time of a few runs, slowest first. */
  readonly operations: readonly ProfiledOperation[];
}

const RUNS = 5;
const FULL_TRACE = encodeMessage([integerField(1, 3)]); // RunOptions.trace_level

/**
 * Measures the time of each operation of a compiled function on the engine `grappler`. XLA's machine code cannot be
 * divided into operations, so parts that XLA would compile run as their operations. The function runs in a session of
 * its own, on copies of the variables.
 *
 * @throws CompileError where `fn` cannot be compiled, or has a loop or a branch
 */
export function profile<A extends unknown[]>(
  fn: (...values: A) => unknown,
  values: A,
  { precision = 'float32' }: Pick<CompileOptions, 'precision'> = {},
): Profile {
  const backend = currentBackend() as TensorFlowBackend;
  const { tensors } = flatten(values, 'argument');
  const trace = traceOnce(backend, fn, values, tensors);
  const graph = runPasses(trace.graph, [applyRewrites, inlineCalls]);
  const loop = reachableNodes(graph).find(({ functions = {} }) => Object.keys(functions).length > 0);
  if (loop !== undefined)
    throw new CompileError(`${loop.operation}: a function with loops or branches cannot be profiled`, loop.origin);
  const session = new Session(backend, { ...trace, graph }, tensors, configProto(precision));
  try {
    session.step(false); // optimizes the graph
    const wallTimes = Array.from({ length: RUNS }, () => {
      const start = performance.now();
      session.step(false);
      return performance.now() - start;
    });
    const traced = Array.from({ length: RUNS }, () => session.step(true));
    const operations = medians(traced).map((time) => ({ ...time, shapes: session.shapesOf(time.name) }));
    return { wallTimeInMs: wallTimes.reduce((least, time) => Math.min(least, time)), operations };
  } finally {
    session.dispose();
  }
}

/** Each operation with its median time, slowest first. */
function medians(traced: readonly (readonly OperationTime[])[]): OperationTime[] {
  const times = new Map<string, OperationTime[]>();
  for (const each of traced.flat()) times.set(each.name, [...(times.get(each.name) ?? []), each]);
  const slower = (a: OperationTime, b: OperationTime) => b.timeInMs - a.timeInMs;
  return [...times.values()].map((all) => all.sort(slower)[all.length >> 1]!).sort(slower);
}

interface Feed {
  readonly node: GraphNode;
  /** `TF_Tensor*`, which the session frees. */
  readonly tensor: Pointer;
}

/** A traced graph in a `TF_Session`. It has variables of its own; all other parameters are fed. */
class Session {
  readonly #backend: TensorFlowBackend;
  readonly #native: NativeGraph;
  readonly #session: Pointer;
  readonly #trace: Trace<unknown>;
  readonly #feeds: Feed[] = [];
  readonly #nodes = new Map<string, GraphNode>();

  constructor(backend: TensorFlowBackend, trace: Trace<unknown>, tensors: readonly Tensor[], config: Uint8Array) {
    this.#backend = backend;
    this.#trace = trace;
    this.#native = new NativeGraph(backend.runtime, backend.transfer);
    const initial: Feed[] = [];
    const assignments: GraphNode[] = [];
    const added = new Set<GraphNode>();
    trace.graph.parameters.forEach((node, index) => {
      const capture = trace.captures[index - tensors.length];
      if (capture?.kind !== 'variable') {
        const data = capture?.data ?? backend.dataOf(tensors[index]!.dataId);
        this.#feeds.push({ node, tensor: this.#valueOf(data) });
        return;
      }
      const data = backend.dataOf(capture.variable.dataId);
      const { value, assignment } = this.#addVariable(node, data, `variable_${index}`);
      added.add(node);
      initial.push({ node: value, tensor: this.#valueOf(data) });
      assignments.push(assignment);
    });
    for (const node of reachableNodes(trace.graph)) if (!added.has(node)) this.#add(node);
    this.#session = this.#open(config);
    this.#run(initial, [], assignments, false);
    for (const { tensor } of initial) backend.runtime.api.TF_DeleteTensor(tensor);
  }

  /** Runs the function once. @returns the operations' times where `traced` */
  step(traced: boolean): OperationTime[] {
    const { results, effects } = this.#trace.graph;
    const outputs = results.map(({ node, index }) => ({ node, index }));
    return this.#run(this.#feeds, outputs, effects, traced);
  }

  shapesOf(name: string): string {
    const node = this.#nodes.get(name);
    if (node === undefined) return '';
    const shapes = (all: readonly { readonly shape: readonly number[] }[]) => all.map(({ shape }) => `[${shape}]`);
    return [...shapes(node.inputs), '→', ...shapes(node.outputs)].join(' ');
  }

  dispose(): void {
    const { api, status } = this.#backend.runtime;
    for (const { tensor } of this.#feeds) api.TF_DeleteTensor(tensor);
    api.TF_CloseSession(this.#session, status.pointer);
    api.TF_DeleteSession(this.#session, status.pointer);
    this.#native.dispose();
    status.check('closing a profile');
  }

  #add(node: GraphNode): void {
    this.#native.add(node);
    this.#nodes.set(this.#backend.runtime.api.TF_OperationName(this.#native.operationOf(node)), node);
  }

  /** Adds a variable in the place of a captured resource. `assignment` sets it to the fed `value`. */
  #addVariable(resource: GraphNode, { shape, dataType }: TensorData, name: string) {
    const dtype = { name: 'dtype', type: AttributeType.type, value: dataType };
    const ofShape = { name: 'shape', type: AttributeType.shape, value: shape };
    const sharedName = { name: 'shared_name', type: AttributeType.string, value: name };
    this.#native.addAs(resource, 'VarHandleOp', [dtype, ofShape, sharedName]);
    const none = { inputs: [], controls: [], outputs: [] };
    const value: GraphNode = { ...none, operation: 'Placeholder', attributes: [dtype, ofShape] };
    value.outputs.push({ node: value, index: 0, shape, dataType });
    const inputs = [resource.outputs[0]!, value.outputs[0]!];
    const assignment: GraphNode = { ...none, operation: 'AssignVariableOp', attributes: [dtype], inputs };
    this.#native.add(value);
    this.#native.add(assignment);
    return { value, assignment };
  }

  #valueOf(data: TensorData): Pointer {
    const { api, status } = this.#backend.runtime;
    const tensor = api.TFE_TensorHandleResolve(this.#backend.handleOf(data), status.pointer);
    status.check('reading a tensor');
    return tensor;
  }

  #open(config: Uint8Array): Pointer {
    const { api, status } = this.#backend.runtime;
    const options = api.TF_NewSessionOptions();
    try {
      api.TF_SetConfig(options, config, config.length, status.pointer);
      status.check('session options');
      const session = api.TF_NewSession(this.#native.graph, options, status.pointer);
      status.check('opening a session');
      return session;
    } finally {
      api.TF_DeleteSessionOptions(options);
    }
  }

  #run(
    feeds: readonly Feed[],
    outputs: readonly { readonly node: GraphNode; readonly index: number }[],
    targets: readonly GraphNode[],
    traced: boolean,
  ): OperationTime[] {
    const { api, status } = this.#backend.runtime;
    const inputs = this.#endpoints(feeds.map(({ node }) => ({ node, index: 0 })));
    const values = addressesOf(feeds.map(({ tensor }) => tensor));
    const results = new BigUint64Array(outputs.length);
    const operations = addressesOf(targets.map((node) => this.#native.operationOf(node)));
    const options = traced ? api.TF_NewBufferFromString(FULL_TRACE, FULL_TRACE.length) : null;
    const metadata = traced ? api.TF_NewBuffer() : null;
    try {
      const given = [inputs, values, feeds.length] as const;
      const wanted = [this.#endpoints(outputs), results, outputs.length] as const;
      const doing = [operations, targets.length] as const;
      api.TF_SessionRun(this.#session, options, ...given, ...wanted, ...doing, metadata, status.pointer);
      status.check('profiling');
      if (metadata === null) return [];
      const { data, length } = koffi.decode(metadata, bufferStruct) as { data: Pointer; length: number };
      return parseRunMetadata(new Uint8Array(koffi.view(data, length)));
    } finally {
      for (const tensor of results) if (tensor !== 0n) api.TF_DeleteTensor(tensor);
      for (const buffer of [options, metadata]) if (buffer !== null) api.TF_DeleteBuffer(buffer);
    }
  }

  /** An array of `TF_Output { TF_Operation*; int }`. */
  #endpoints(outputs: readonly { readonly node: GraphNode; readonly index: number }[]): BigInt64Array {
    return BigInt64Array.from(
      outputs.flatMap(({ node, index }) => [BigInt(this.#native.operationOf(node)), BigInt(index)]),
    );
  }
}
