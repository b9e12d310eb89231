import { backend as currentBackend, getBackend, type Tensor } from '@tensorflow/tfjs-core';
import type { TensorFlowBackend } from '../backend/backend.ts';
import { integerField, messageField } from '../c-api/proto.ts';
import { CompileError } from './compile-error.ts';
import { CompiledFunction, type Engine } from './compiled-function.ts';
import { difference, formatGraph, type Graph, reachableNodes } from './graph.ts';
import { applyRewrites } from './rewrites.ts';
import { flatten, replaceTensors } from './structure.ts';
import { Tracer } from './tracer.ts';

export interface CompileOptions {
  /** `auto` times both in the first call and keeps the faster; convolutions on a CPU are grappler's. Default `auto`. */
  readonly engine?: Engine | 'auto';
  /**
   * `bfloat16` lets products and convolutions compute in bfloat16, on CPUs that have it, where grappler finds it safe;
   * it is grappler's, so the engine is. Default `float32`.
   */
  readonly precision?: 'float32' | 'bfloat16';
}

/** A function that is traced when it is first called with arguments of new shapes, and then run as one operation. */
export interface Compiled<A extends unknown[], R> {
  (...values: A): R;
  /** The engine that runs it, chosen in the first call where `auto` is asked for; undefined before. */
  readonly engine: Engine | undefined;
  /** The graph for these arguments as text, before or after the rewrites. */
  dump(stage: 'traced' | 'rewritten', ...values: A): string;
  /** Frees the functions that were made; the next call traces again. */
  dispose(): void;
}

interface Specialisation<R> {
  readonly callable: CompiledFunction;
  /** What the traced function returned: its structure is that of every result. */
  readonly returned: R;
  readonly engine: Engine;
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
  if (options.engine === 'xla' && options.precision === 'bfloat16') {
    throw new RangeError("compile: precision 'bfloat16' expected the engine 'grappler' or 'auto', got 'xla'");
  }
  const specialisations = new Map<string, Specialisation<R>>();
  let latest: Specialisation<R> | undefined;
  // What was faster for the first arguments serves the others too: a last, smaller batch is not worth two compilations.
  let chosen: Engine | undefined;

  const call = (...values: A): R => {
    if (getBackend() !== 'tensorflow') return fn(...values);
    const backend = currentBackend() as TensorFlowBackend;
    if (backend.isTracing) return fn(...values);
    const { tensors, skeleton } = flatten(values, 'argument');
    latest = specialisations.get(skeleton);
    if (latest === undefined) {
      latest = specialise(backend, fn, values, tensors, { ...options, engine: chosen ?? options.engine ?? 'auto' });
      specialisations.set(skeleton, latest);
      chosen = latest.engine;
    }
    const results = latest.callable.run(tensors, latest.engine);
    return replaceTensors(latest.returned, results);
  };

  return Object.defineProperty(
    Object.assign(call, {
      dump(stage: 'traced' | 'rewritten', ...values: A): string {
        const { graph } = traceTwice(currentBackend() as TensorFlowBackend, fn, values);
        return formatGraph(stage === 'traced' ? graph : applyRewrites(graph));
      },
      dispose(): void {
        for (const { callable } of specialisations.values()) callable.dispose();
        specialisations.clear();
        latest = undefined;
        chosen = undefined;
      },
    }),
    'engine',
    { get: () => chosen },
  ) as unknown as Compiled<A, R>;
}

/** Traces, and traces again: what differs between the two would be frozen by accident. */
function traceTwice<A extends unknown[], R>(backend: TensorFlowBackend, fn: (...values: A) => R, values: A) {
  const { tensors } = flatten(values, 'argument');
  const trace = () =>
    Tracer.trace(
      backend,
      tensors,
      (symbolic) => fn(...replaceTensors(values, symbolic)),
      (returned) => flatten(returned, 'result').tensors,
    );
  const first = trace();
  const differs = difference(trace().graph, first.graph);
  if (differs !== undefined) {
    throw new CompileError(
      `two traces of the same function differ (${differs.what}): random numbers and clocks of the host, and state that a call changes, are frozen into a compiled function; make them arguments or variables`,
      differs.node.origin,
    );
  }
  return first;
}

function specialise<A extends unknown[], R>(
  backend: TensorFlowBackend,
  fn: (...values: A) => R,
  values: A,
  tensors: readonly Tensor[],
  { engine = 'auto', precision = 'float32' }: CompileOptions,
): Specialisation<R> {
  const trace = traceTwice(backend, fn, values);
  const graph = applyRewrites(trace.graph);
  const callable = new CompiledFunction(backend, { ...trace, graph }, configProto(precision));
  const only = precision === 'bfloat16' ? 'grappler' : engine;
  const chosen = only === 'auto' ? choose(backend, graph, callable, tensors) : only;
  return { callable, returned: trace.returned, engine: chosen };
}

/** On a CPU, convolutions run in oneDNN, which XLA does not call: there it is slower, and not worth its compilation. */
function choose(
  backend: TensorFlowBackend,
  graph: Graph,
  callable: CompiledFunction,
  tensors: readonly Tensor[],
): Engine {
  const hasConvolution = reachableNodes(graph).some(({ operation }) => /^(Depthwise)?Conv[23]D/.test(operation));
  return hasConvolution && !backend.runtime.usesGpu ? 'grappler' : faster(callable, tensors);
}

const timedRuns = 3;

/** Times both engines on the real arguments; the variables keep their values. */
function faster(callable: CompiledFunction, tensors: readonly Tensor[]): Engine {
  const restore = callable.saveVariables();
  const times = (['grappler', 'xla'] as const).map((engine) => {
    try {
      let best = Infinity;
      for (let run = 0; run <= timedRuns; run++) {
        const start = performance.now();
        for (const result of callable.run(tensors, engine)) result.dispose();
        if (run > 0) best = Math.min(best, performance.now() - start); // the first compiles
      }
      return { engine, best };
    } catch {
      return { engine, best: Infinity }; // XLA does not know every operation
    }
  });
  restore();
  return times.reduce((a, b) => (b.best < a.best ? b : a)).engine;
}

/** `ConfigProto` with grappler's options (tensorflow/core/protobuf/rewriter_config.proto). */
export function configProto(precision: 'float32' | 'bfloat16'): Uint8Array {
  const on = 1;
  const rewriter = [
    integerField(17, -1 >>> 0), // min_graph_nodes: optimise small graphs too
    ...(precision === 'bfloat16' ? [integerField(31, on)] : []), // auto_mixed_precision_onednn_bfloat16
  ];
  return messageField(10, [messageField(10, rewriter)]); // graph_options.rewrite_options
}
