import { engine, type Tensor } from '@tensorflow/tfjs-core';
import type { TensorFlowBackend } from '../backend/backend.ts';
import { type Attribute, AttributeType } from '../c-api/attributes.ts';
import type { PreparedOperation } from '../c-api/executor.ts';
import { HeldVariables } from './asynchronous.ts';
import { CompileError } from './compile-error.ts';
import { fingerprint } from './fingerprint.ts';
import { type Graph, reachableNodes } from './graph.ts';
import { loopGraph, type Signature, type TensorType } from './loop.ts';
import { NativeGraph } from './native-graph.ts';
import type { Capture, Trace } from './tracer.ts';
import { verifyGraph } from './verify-graph.ts';

/**
 * The engine that runs a compiled function: TensorFlow's executor on a graph optimized by grappler, or XLA's machine
 * code.
 */
export type Engine = 'grappler' | 'xla';

/** Number of functions made of each fingerprint. */
const made = new Map<string, number>();

/**
 * Names a function the same in every process that compiles this graph: XLA's cache finds its machine code by the name.
 */
function nameFor(graph: Graph): string {
  const key = fingerprint(graph).slice(0, 16);
  const count = made.get(key) ?? 0;
  made.set(key, count + 1);
  return `motley_${key}_${count}`;
}

/** A trace as a TensorFlow function, called as one operation. */
export class CompiledFunction {
  readonly #backend: TensorFlowBackend;
  readonly #name: string;
  readonly #signature: Signature;
  readonly #captures: readonly Capture[];
  readonly #calls = new Map<Engine, PreparedOperation>();
  readonly #config: Uint8Array;
  /** Names of the functions in the context: those that loops and branches call, then the whole function. */
  readonly #defined: string[] = [];
  readonly #release: () => void;
  /** Number of running asynchronous calls. */
  #running = 0;
  #isDisposed = false;

  /** @param config serialized `ConfigProto` with grappler's options */
  constructor(backend: TensorFlowBackend, { graph, captures }: Trace<unknown>, config: Uint8Array) {
    this.#backend = backend;
    this.#signature = {
      parameters: graph.parameters.map(({ outputs }) => typeOf(outputs[0]!)),
      results: graph.results.map(typeOf),
    };
    this.#captures = captures;
    this.#config = config;
    this.#name = this.#define(graph, nameFor(graph));
    this.#release = backend.runtime.hold();
  }

  #define(graph: Graph, name: string): string {
    const { runtime, transfer } = this.#backend;
    let nested = 0;
    const native = new NativeGraph(runtime, transfer, (called) => this.#define(called, `${name}_${nested++}`));
    try {
      for (const node of reachableNodes(graph)) native.add(node);
      native.toFunction(name, graph);
      this.#defined.push(name);
      return name;
    } finally {
      native.dispose();
    }
  }

  /**
   * Makes a function that calls this one `count` times in order. Its arguments are stacked along a new first axis
   * [count, …]. The loop runs on `grappler`, its calls on `engineName`. This function must outlive it.
   */
  loop(count: number, engineName: Engine): CompiledFunction {
    const call = { operation: CALL_OPERATION, attributes: this.#callAttributes(engineName) };
    const graph = loopGraph(this.#signature, this.#signature.parameters.length - this.#captures.length, count, call);
    verifyGraph(graph, loopGraph.name);
    return new CompiledFunction(this.#backend, { graph, captures: this.#captures, returned: undefined }, this.#config);
  }

  /** @returns new tensors, the results of the traced function */
  run(tensors: readonly Tensor[], engineName: Engine): Tensor[] {
    const { executor } = this.#backend.runtime;
    const { length } = this.#signature.results;
    executor.runPrepared(this.#prepared(engineName), this.#inputs(tensors), length);
    const results = Array.from({ length }, (_, index) => executor.output(index));
    return results.map((handle) => this.#backend.takeOutput(handle));
  }

  /**
   * Does the same as `run`, on a thread of libuv's pool. It waits for other asynchronous calls on its variables, then
   * locks the variables until it ends. If a call with a `signal` fails, the variables are restored.
   *
   * @throws the signal's reason where it ended the call; Error where a variable was assigned meanwhile
   */
  async runAsync(tensors: readonly Tensor[], engineName: Engine, signal?: AbortSignal): Promise<Tensor[]> {
    const backend = this.#backend;
    for (let released; (released = HeldVariables.released(backend, this.#captures)) !== undefined;) await released;
    signal?.throwIfAborted();
    const inputs = this.#inputs(tensors);
    const variables = new HeldVariables(backend, this.#captures, signal !== undefined);
    this.#running++;
    let results: Tensor[];
    try {
      const { length } = this.#signature.results;
      const call = this.#prepared(engineName);
      const handles = await backend.runtime.executor.runPreparedAsync(call, inputs, length, signal);
      results = handles.map((handle) => backend.takeOutput(handle));
    } catch (error) {
      variables.restore();
      throw error;
    } finally {
      this.#running--;
      if (this.#isDisposed) this.dispose();
      variables.end();
    }
    return results;
  }

  #inputs(tensors: readonly Tensor[]): number[] {
    const handles = tensors.map((tensor) => this.#backend.handleOf(this.#backend.dataOf(tensor.dataId)));
    for (const capture of this.#captures) handles.push(this.#handleOf(capture));
    return handles;
  }

  /** Saves the values of the variables that the function writes. @returns a function that restores them */
  saveVariables(): () => void {
    const saved = this.#captures.flatMap((capture) => {
      if (capture.kind !== 'variable' || !capture.isWritten) return [];
      const { variable } = capture;
      return [{ variable, value: engine().keep(this.#backend.copy(variable)) }];
    });
    return () => {
      for (const { variable, value } of saved) {
        variable.assign(value);
        value.dispose();
      }
    };
  }

  /** Frees the function, once no asynchronous call runs it. */
  dispose(): void {
    this.#isDisposed = true;
    if (this.#running > 0) return;
    const { api, status, executor, context } = this.#backend.runtime;
    for (const call of this.#calls.values()) executor.dispose(call);
    this.#calls.clear();
    for (const name of this.#defined.splice(0)) {
      api.TFE_ContextRemoveFunction(context, name, status.pointer);
      status.check(`removing ${name}`);
    }
    this.#release();
  }

  #handleOf(capture: Capture): number {
    if (capture.kind === 'tensor') {
      if (capture.data.references > 0) return this.#backend.handleOf(capture.data);
      throw new CompileError('a tensor that a compiled function uses was disposed outside: keep it', capture.origin);
    }
    const { variable, isWritten } = capture;
    if (variable.isDisposed)
      throw new CompileError(`variable ${variable.name}, which a compiled function uses, was disposed`);
    const data = this.#backend.dataOf(variable.dataId);
    return isWritten ? this.#backend.writableResourceOf(variable) : this.#backend.readableResourceOf(data);
  }

  #prepared(engineName: Engine): PreparedOperation {
    let call = this.#calls.get(engineName);
    if (call === undefined) {
      call = this.#backend.runtime.executor.prepare(CALL_OPERATION, this.#callAttributes(engineName));
      this.#calls.set(engineName, call);
    }
    return call;
  }

  #callAttributes(engineName: Engine): Attribute[] {
    const { parameters, results } = this.#signature;
    const attributes: Attribute[] = [
      { name: 'Tin', type: AttributeType.type, value: parameters.map(({ dataType }) => dataType) },
      { name: 'Tout', type: AttributeType.type, value: results.map(({ dataType }) => dataType) },
      { name: 'f', type: AttributeType.function, value: this.#name },
      { name: 'config_proto', type: AttributeType.string, value: this.#config },
    ];
    // Set on the call, because TensorFlow ignores it on the function.
    if (engineName === 'xla') attributes.push({ name: '_XlaMustCompile', type: AttributeType.bool, value: true });
    return attributes;
  }
}

/** A copy of a tensor's type, which does not keep the graph in memory. */
function typeOf({ shape, dataType }: TensorType): TensorType {
  return { shape, dataType };
}

/** The operation that calls a function. */
const CALL_OPERATION = 'StatefulPartitionedCall';
