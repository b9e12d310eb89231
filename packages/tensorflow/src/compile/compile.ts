import { backend as currentBackend, engine, getBackend, type Tensor } from '@tensorflow/tfjs-core';
import type { TensorFlowBackend } from '../backend/backend.ts';
import { encodeMessage, integerField, messageField } from '../c-api/proto.ts';
import { HeldVariables } from './asynchronous.ts';
import { CompileError } from './compile-error.ts';
import { CompiledFunction, type Engine } from './compiled-function.ts';
import { chooseEngine } from './engine-choice.ts';
import { encodeGraphDef } from './graph-def.ts';
import { formatGraph, type Graph } from './graph.ts';
import { runPasses } from './passes.ts';
import { clusterForXla } from './rewrites/clusters.ts';
import { applyRewrites } from './rewrites.ts';
import { recordScopes } from './scopes.ts';
import { countSteps, loopInJavaScript, withFirstStep } from './steps-per-call.ts';
import { flatten, replaceTensors } from './structure.ts';
import { traceOnce, traceTwice } from './trace-function.ts';
import type { Trace } from './tracer.ts';

export interface CompileOptions {
  /**
   * Engine that runs the function. `auto` times both in the first call, keeps the faster and remembers it on this
   * machine; convolutions on a CPU always run on grappler. Default `auto`.
   */
  readonly engine?: Engine | 'auto';
  /**
   * `bfloat16` lets products and convolutions compute in bfloat16 where grappler finds it safe, on CPUs that have it.
   * It sets the engine to grappler. Default `float32`.
   */
  readonly precision?: 'float32' | 'bfloat16';
  /**
   * On grappler, compiles each chain of large element-wise operations and reductions with XLA. The first call takes
   * longer; measure whether later calls are faster. Default false.
   */
  readonly partsToXla?: boolean;
  /**
   * Largest number K of calls of `fn` in one call. Argument tensors and results get a new first axis [K, …], one part
   * per call of `fn`. A loop in the graph makes the calls in order, with the same bits as single calls. Default: one
   * call, without the axis.
   */
  readonly stepsPerCall?: number;
}

/** A function that is traced at its first call with arguments of new shapes, and runs as one operation. */
export interface Compiled<A extends unknown[], R> {
  (...values: A): R;
  /** The engine that runs the function. With `auto`, the first call chooses it; undefined before. */
  readonly engine: Engine | undefined;
  /**
   * Runs the function on a thread of libuv's pool, so that the event loop goes on. A first call is still traced on this
   * thread, and timed here if `auto` has to choose an engine. Until the call ends, variables that it updates can be
   * neither read nor updated, and variables that it reads cannot be updated: both are errors. Another asynchronous call
   * on the same variables waits.
   *
   * When `signal` aborts, TensorFlow starts no further operation and waits for the running ones; XLA's machine code
   * runs to its end. The variables get back their values from before the call. With a signal, each variable that is
   * updated in place is therefore copied. A call that has finished keeps its results.
   *
   * @throws the signal's reason, by default an `AbortError`, where it ended the call
   */
  async(values: A, options?: { readonly signal?: AbortSignal | undefined }): Promise<R>;
  /** The graph for these arguments (of one step) as text, before or after the rewrites. */
  dump(stage: 'traced' | 'rewritten', ...values: A): string;
  /**
   * The same graph as a serialized `GraphDef`, for TensorBoard. The scope of a node is the user's calls that made it,
   * `Classifier.loss/Linear.forward`. Nodes of the backward pass are in `gradients`.
   */
  graphDef(stage: 'traced' | 'rewritten', ...values: A): Uint8Array;
  /** Frees the compiled functions. The next call traces again. */
  dispose(): void;
}

/** Name of the measure of each trace on Node's performance timeline. */
export const TRACE_MEASURE = 'motley: trace';

interface Specialization<R> {
  readonly callable: CompiledFunction;
  /** The value that the traced function returned. Every result has its structure. */
  readonly returned: R;
  readonly engine: Engine;
  /** Loops by the number of steps in a call. */
  readonly loops: Map<number, CompiledFunction>;
}

/** A compiled function for the shapes of given arguments. */
interface Prepared<R> {
  readonly callable: CompiledFunction;
  readonly engine: Engine;
  readonly returned: R;
}

/**
 * Compiles `fn` into one TensorFlow function. Its operations, gradients and updates of variables are traced once for
 * each combination of shapes, dtypes and plain values of the arguments, and then run as one operation. Arguments and
 * results are tensors, plain values, and arrays and records of them. On a backend other than `tensorflow`, the result
 * calls `fn` itself.
 *
 * `fn` must be a pure function of its arguments and of the variables that it captures. Any other effect happens while
 * it is traced, and never again.
 *
 * @throws CompileError at a call, naming the line that cannot be compiled
 */
export function compile<A extends unknown[], R>(fn: (...values: A) => R, options: CompileOptions = {}): Compiled<A, R> {
  const { precision = 'float32', stepsPerCall, partsToXla = false } = options;
  const rewritten = (traced: Graph): Graph =>
    runPasses(traced, partsToXla ? [applyRewrites, clusterForXla] : [applyRewrites]);
  if (options.engine === 'xla' && precision === 'bfloat16') {
    throw new RangeError("compile: precision 'bfloat16' expected the engine 'grappler' or 'auto', got 'xla'");
  }
  if (stepsPerCall !== undefined && !(Number.isInteger(stepsPerCall) && stepsPerCall >= 1)) {
    throw new RangeError(`compile: stepsPerCall expected a positive integer, got ${stepsPerCall}`);
  }
  const specializations = new Map<string, Specialization<R>>();
  // The first arguments choose the engine for all: a last, smaller batch is not worth two compilations.
  let chosen: Engine | undefined;

  const skeletonOf = (values: A) =>
    flatten(values, 'argument', stepsPerCall === undefined ? undefined : ({ shape }) => shape.slice(1)).skeleton;

  const specialize = (backend: TensorFlowBackend, values: A, tensors: readonly Tensor[]): Specialization<R> => {
    const start = performance.now();
    const trace = traceTwice(backend, fn, values, tensors);
    performance.measure(TRACE_MEASURE, { start });
    const graph = rewritten(trace.graph);
    const callable = new CompiledFunction(backend, { ...trace, graph }, configProto(precision));
    const wanted = precision === 'bfloat16' ? 'grappler' : (chosen ?? options.engine ?? 'auto');
    chosen = wanted === 'auto' ? chooseEngine(backend, graph, callable, tensors) : wanted;
    return { callable, returned: trace.returned, engine: chosen, loops: new Map() };
  };

  /** Finds the compiled function for these arguments, or traces and compiles it. */
  const prepare = (backend: TensorFlowBackend, values: A, tensors: readonly Tensor[]): Prepared<R> => {
    const count = stepsPerCall === undefined ? undefined : countSteps(tensors, stepsPerCall);
    const skeleton = skeletonOf(values);
    let specialization = specializations.get(skeleton);
    if (specialization === undefined) {
      specialization =
        count === undefined
          ? specialize(backend, values, tensors)
          : withFirstStep(tensors, (first) => specialize(backend, replaceTensors(values, first), first));
      specializations.set(skeleton, specialization);
    }
    if (count === undefined) return specialization;
    const { callable, engine: each, returned, loops } = specialization;
    let loop = loops.get(count);
    if (loop === undefined) loops.set(count, (loop = callable.loop(count, each)));
    return { callable: loop, engine: 'grappler', returned };
  };

  /** Traces one step of a call with these arguments. */
  const traceOne = (values: A, trace: typeof traceOnce<A, R>, traced = fn): Trace<R> => {
    const backend = graphBackend();
    if (backend === undefined) throw new CompileError(`expected the backend tensorflow, got ${getBackend()}`);
    const { tensors } = flatten(values, 'argument');
    if (stepsPerCall === undefined) return trace(backend, traced, values, tensors);
    countSteps(tensors, stepsPerCall);
    return withFirstStep(tensors, (first) => trace(backend, traced, replaceTensors(values, first), first));
  };

  const uncompiled = (values: A): R => {
    if (stepsPerCall === undefined) return fn(...values);
    const { tensors } = flatten(values, 'argument');
    return loopInJavaScript(fn, values, tensors, countSteps(tensors, stepsPerCall));
  };

  const call = (...values: A): R => {
    const backend = graphBackend();
    if (backend === undefined) return uncompiled(values);
    const { tensors } = flatten(values, 'argument');
    const { callable, engine: each, returned } = prepare(backend, values, tensors);
    return replaceTensors(returned, callable.run(tensors, each));
  };

  return Object.defineProperty(
    Object.assign(call, {
      async async(given: A, { signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<R> {
        signal?.throwIfAborted();
        const backend = graphBackend();
        if (backend === undefined) return uncompiled(given);
        // The caller may dispose its tensors while the call waits.
        const tensors = flatten(given, 'argument').tensors.map((tensor) => engine().keep(tensor.clone()));
        const values = replaceTensors(given, tensors);
        try {
          // A trial of the engines would run on variables that are locked.
          for (let end; !specializations.has(skeletonOf(values)) && (end = HeldVariables.nextEnd) !== undefined;) {
            await end;
          }
          const { callable, engine: each, returned } = prepare(backend, values, tensors);
          return replaceTensors(returned, await callable.runAsync(tensors, each, signal));
        } finally {
          for (const tensor of tensors) tensor.dispose();
        }
      },
      dump(stage: 'traced' | 'rewritten', ...values: A): string {
        const { graph } = traceOne(values, traceTwice);
        return formatGraph(stage === 'traced' ? graph : rewritten(graph));
      },
      graphDef(stage: 'traced' | 'rewritten', ...values: A): Uint8Array {
        const scoped = (...symbolic: A): R => {
          recordScopes(currentBackend() as TensorFlowBackend);
          return fn(...symbolic);
        };
        const trace = traceOne(values, traceOnce, scoped);
        const graph = stage === 'traced' ? trace.graph : rewritten(trace.graph);
        return encodeGraphDef(graph, parameterNames(trace));
      },
      dispose(): void {
        for (const { callable, loops } of specializations.values()) {
          for (const each of [...loops.values(), callable]) each.dispose();
        }
        specializations.clear();
        chosen = undefined;
      },
    }),
    'engine',
    { get: () => chosen },
  ) as unknown as Compiled<A, R>;
}

/** The backend if it can compile; undefined where calls run `fn` itself. */
function graphBackend(): TensorFlowBackend | undefined {
  if (getBackend() !== 'tensorflow') return undefined;
  const backend = currentBackend() as TensorFlowBackend;
  return backend.isTracing ? undefined : backend;
}

function parameterNames({ graph: { parameters }, captures }: Trace<unknown>): string[] {
  const count = parameters.length - captures.length;
  return [
    ...Array.from({ length: count }, (_, index) => `arguments/${index}`),
    ...captures.map((capture, index) =>
      capture.kind === 'variable' ? `variables/${capture.variable.name}` : `captured/${index}`,
    ),
  ];
}

/** `ConfigProto` with grappler's options (tensorflow/core/protobuf/rewriter_config.proto). */
export function configProto(precision: 'float32' | 'bfloat16'): Uint8Array {
  const [on, once] = [1, 1];
  const rewriter = [
    integerField(12, once), // meta_optimizer_iterations: a second pass finds nothing and costs as much as the first
    integerField(17, -1 >>> 0), // min_graph_nodes: optimize small graphs too
    ...(precision === 'bfloat16' ? [integerField(31, on)] : []), // auto_mixed_precision_onednn_bfloat16
  ];
  return encodeMessage([messageField(10, [messageField(10, rewriter)])]); // graph_options.rewrite_options
}
