import type { Tensor } from '@tensorflow/tfjs-core';
import type { TensorFlowBackend } from '../backend/backend.ts';
import { CompileError } from './compile-error.ts';
import { difference } from './graph.ts';
import { flatten, replaceTensors } from './structure.ts';
import { type Trace, Tracer } from './tracer.ts';
import { verifyGraph } from './verify-graph.ts';

/**
 * Records the operations of `fn` for these arguments.
 *
 * @param tensors the tensors in `values`, in order
 * @throws CompileError naming the line that cannot be compiled
 */
export function traceOnce<A extends unknown[], R>(
  backend: TensorFlowBackend,
  fn: (...values: A) => R,
  values: A,
  tensors: readonly Tensor[],
): Trace<R> {
  const trace = Tracer.trace(
    backend,
    tensors,
    (symbolic) => fn(...replaceTensors(values, symbolic)),
    (returned) => flatten(returned, 'result').tensors,
  );
  verifyGraph(trace.graph, 'the trace');
  return trace;
}

/**
 * Traces twice and compares. A value that differs would be frozen into the function by accident.
 *
 * @throws CompileError as `traceOnce`, and where the traces differ
 */
export function traceTwice<A extends unknown[], R>(
  backend: TensorFlowBackend,
  fn: (...values: A) => R,
  values: A,
  tensors: readonly Tensor[],
): Trace<R> {
  const first = traceOnce(backend, fn, values, tensors);
  const second = traceOnce(backend, fn, values, tensors);
  const differs = difference(second.graph, first.graph);
  if (differs === undefined) return first;
  throw new CompileError(
    `two traces of the same function differ (${differs.what}): random numbers and clocks of the host, and state that a call changes, are frozen into a compiled function; make them arguments or variables`,
    differs.node.origin,
  );
}
