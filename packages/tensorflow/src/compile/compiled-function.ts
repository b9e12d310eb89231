import { engine, type Tensor } from '@tensorflow/tfjs-core';
import type { TensorFlowBackend } from '../backend/backend.ts';
import { type Attribute, AttributeType } from '../c-api/attributes.ts';
import type { PreparedOperation } from '../c-api/executor.ts';
import { CompileError } from './compile-error.ts';
import { type Graph, reachableNodes } from './graph.ts';
import { NativeGraph } from './native-graph.ts';
import type { Capture, Trace } from './tracer.ts';

/** What runs a compiled function: TensorFlow's executor over a graph optimised by grappler, or XLA's machine code. */
export type Engine = 'grappler' | 'xla';

let functionsMade = 0;

/** A trace as a TensorFlow function, called as one operation. */
export class CompiledFunction {
  private readonly backend: TensorFlowBackend;
  private readonly name = `motley_${functionsMade++}`;
  private readonly captures: readonly Capture[];
  private readonly resultCount: number;
  private readonly calls = new Map<Engine, PreparedOperation>();
  private readonly argumentTypes: readonly number[];
  private readonly resultTypes: readonly number[];
  private readonly config: Uint8Array;
  /** Functions that the context holds: what loops and branches call, then the whole. */
  private readonly defined: string[] = [];

  /** @param config serialised `ConfigProto` with grappler's options */
  constructor(backend: TensorFlowBackend, { graph, captures }: Trace<unknown>, config: Uint8Array) {
    this.backend = backend;
    this.captures = captures;
    this.config = config;
    this.resultCount = graph.results.length;
    this.argumentTypes = graph.parameters.map(({ outputs }) => outputs[0]!.dataType);
    this.resultTypes = graph.results.map(({ dataType }) => dataType);
    this.define(graph, this.name);
  }

  private define(graph: Graph, name: string): string {
    const { runtime, transfer } = this.backend;
    let nested = 0;
    const native = new NativeGraph(runtime, transfer, (called) => this.define(called, `${name}_${nested++}`));
    try {
      for (const node of reachableNodes(graph)) native.add(node);
      native.toFunction(name, graph);
      this.defined.push(name);
      return name;
    } finally {
      native.dispose();
    }
  }

  /** @returns new tensors, as the traced function's results */
  run(tensors: readonly Tensor[], engineName: Engine): Tensor[] {
    const { backend } = this;
    const { executor } = backend.runtime;
    const handles = tensors.map((tensor) => backend.handleOf(backend.dataOf(tensor.dataId)));
    for (const capture of this.captures) handles.push(this.handleOf(capture));
    executor.runPrepared(this.prepared(engineName), handles, this.resultCount);
    const results = Array.from({ length: this.resultCount }, (_, index) => executor.output(index));
    return results.map((handle) => backend.takeOutput(handle));
  }

  /** Values of the variables that it writes, as they are now; called, the result puts them back. */
  saveVariables(): () => void {
    const saved = this.captures.flatMap((capture) => {
      if (capture.kind !== 'variable' || !capture.isWritten) return [];
      const { variable } = capture;
      return [{ variable, value: engine().keep(this.backend.copy(variable)) }];
    });
    return () => {
      for (const { variable, value } of saved) {
        variable.assign(value);
        value.dispose();
      }
    };
  }

  dispose(): void {
    const { api, status, executor, context } = this.backend.runtime;
    for (const call of this.calls.values()) executor.dispose(call);
    this.calls.clear();
    for (const name of this.defined.splice(0)) {
      api.TFE_ContextRemoveFunction(context, name, status.pointer);
      status.check(`removing ${name}`);
    }
  }

  private handleOf(capture: Capture): number {
    if (capture.kind === 'tensor') {
      if (capture.data.references > 0) return this.backend.handleOf(capture.data);
      throw new CompileError('a tensor that a compiled function uses was disposed outside: keep it', capture.origin);
    }
    const { variable, isWritten } = capture;
    if (variable.isDisposed)
      throw new CompileError(`variable ${variable.name}, which a compiled function uses, was disposed`);
    const data = this.backend.dataOf(variable.dataId);
    return isWritten ? this.backend.writableResourceOf(variable) : this.backend.readableResourceOf(data);
  }

  private prepared(engineName: Engine): PreparedOperation {
    let call = this.calls.get(engineName);
    if (call === undefined) {
      const attributes: Attribute[] = [
        { name: 'Tin', type: AttributeType.type, value: this.argumentTypes },
        { name: 'Tout', type: AttributeType.type, value: this.resultTypes },
        { name: 'f', type: AttributeType.function, value: this.name },
        { name: 'config_proto', type: AttributeType.string, value: this.config },
      ];
      // Set on the call: on the function it is ignored.
      if (engineName === 'xla') attributes.push({ name: '_XlaMustCompile', type: AttributeType.bool, value: true });
      call = this.backend.runtime.executor.prepare('StatefulPartitionedCall', attributes);
      this.calls.set(engineName, call);
    }
    return call;
  }
}
