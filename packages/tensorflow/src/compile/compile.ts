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
   * `auto` times both in the first call and keeps the faster, which is remembered on this machine; convolutions on a CPU
   * are grappler's. Default `auto`.
   */
  readonly engine?: Engine | 'auto';
  /**
   * `bfloat16` lets products and convolutions compute in bfloat16, on CPUs that have it, where grappler finds it safe;
   * it is grappler's, so the engine is. Default `float32`.
   */
  readonly precision?: 'float32' | 'bfloat16';
  /**
   * On grappler, chains of large element-wise operations and reductions go to XLA all the same, as one call each. The
   * first call takes longer, by their compilation; whether later ones are faster is for you to measure. Default false.
   */
  readonly partsToXla?: boolean;
  /**
   * Where given, the compiled function makes several calls of `fn` in one, at most so many: each argument tensor has a
   * new first axis [K, …] whose parts are the calls' arguments, and so have the results. A loop in the graph calls the
   * function in order, each call on the variables as the last left them, with the bits of single calls.
   */
  readonly stepsPerCall?: number;
}

/** A function that is traced when it is first called with arguments of new shapes, and then run as one operation. */
export interface Compiled<A extends unknown[], R> {
  (...values: A): R;
  /** The engine that runs it, chosen in the first call where `auto` is asked for; undefined before. */
  readonly engine: Engine | undefined;
  /**
   * Runs it on a thread of libuv's pool, so that the event loop goes on; a first call is traced here, and timed where
   * `auto` knows no engine. Until it ends, the variables that it updates can neither be read nor updated (an error says
   * so), those that it reads not updated; another asynchronous call on any of them waits its turn.
   *
   * `signal` ends it: TensorFlow starts no further operation and waits for those that run (machine code of XLA's runs
   * to its end), and the variables are given the values from before the call, which costs a copy of those that are
   * updated in place. A call that had finished by then keeps its results.
   *
   * @throws the signal's reason, an `AbortError` by default, where it ended the call
   */
  async(values: A, options?: { readonly signal?: AbortSignal | undefined }): Promise<R>;
  /** The graph for these arguments (of one step) as text, before or after the rewrites. */
  dump(stage: 'traced' | 'rewritten', ...values: A): string;
  /**
   * The same as a serialized `GraphDef`, for TensorBoard: nodes stand in the scopes of the user's calls that made them,
   * `Classifier.loss/Linear.forward`, those of the backward pass in `gradients`.
   */
  graphDef(stage: 'traced' | 'rewritten', ...values: A): Uint8Array;
  /** Frees the functions that were made; the next call traces again. */
  dispose(): void;
}

/** The name under which the times of traces are on Node's performance timeline. */
export const TRACE_MEASURE = 'motley: trace';

interface Specialization<R> {
  readonly callable: CompiledFunction;
  /** What the traced function returned: its structure is that of every result. */
  readonly returned: R;
  readonly engine: Engine;
  /** By the number of steps in a call. */
  readonly loops: Map<number, CompiledFunction>;
}

/** What runs a call with given arguments. */
interface Prepared<R> {
  readonly callable: CompiledFunction;
  readonly engine: Engine;
  readonly returned: R;
}

/**
 * Makes one TensorFlow function of `fn`: its tensors, gradients and updates of variables are traced once for each
 * combination of shapes, dtypes and plain values of the arguments, and run as one operation afterwards. Arguments and
 * results are tensors, plain values, and arrays and records of them. On other backends than `tensorflow` it is `fn`.
 *
 * `fn` must be a pure function of its arguments and of the variables that it captures: whatever else it does, it does
 * while it is traced and never again.
 *
 * @throws CompileError, when it is called, naming the line of what cannot be compiled
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
  // What was faster for the first arguments serves the others too: a last, smaller batch is not worth two compilations.
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

  /** Traces where it must. */
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

  /** Traces one step of what a call with these arguments does. */
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
        // The caller may dispose of its tensors while the call waits.
        const tensors = flatten(given, 'argument').tensors.map((tensor) => engine().keep(tensor.clone()));
        const values = replaceTensors(given, tensors);
        try {
          // A trial of the engines runs on the variables.
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

/** The backend where it makes graphs; undefined where calls run as they are. */
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
    integerField(12, once), // meta_optimizer_iterations: a second pass finds nothing, and costs as much as the first
    integerField(17, -1 >>> 0), // min_graph_nodes: optimize small graphs too
    ...(precision === 'bfloat16' ? [integerField(31, on)] : []), // auto_mixed_precision_onednn_bfloat16
  ];
  return encodeMessage([messageField(10, [messageField(10, rewriter)])]); // graph_options.rewrite_options
}
