import type { Tensor } from '@tensorflow/tfjs-core';
import type { TensorFlowBackend } from '../backend/backend.ts';
import type { CompiledFunction, Engine } from './compiled-function.ts';
import { EngineMemory, engineKey } from './engine-memory.ts';
import { type Graph, reachableNodes } from './graph.ts';

/** Bounds of the number of timed rounds. Short steps are timed more often, because they vary more. */
const [MINIMUM_ROUNDS, MAXIMUM_ROUNDS] = [2, 15];
const TRIAL_TIME_IN_MS = 300;
const MAXIMUM_OPERATIONS = 1000;

/** The faster engine for a graph: known by a rule, remembered, or timed on the real arguments and then remembered. */
export function chooseEngine(
  backend: TensorFlowBackend,
  graph: Graph,
  callable: CompiledFunction,
  tensors: readonly Tensor[],
): Engine {
  if (!backend.runtime.usesGpu && (hasConvolution(graph) || isLarge(graph))) return 'grappler';
  const memory = new EngineMemory();
  const key = engineKey(backend.runtime, graph);
  const remembered = memory.recall(key);
  if (remembered !== undefined) return remembered;
  const engine = faster(callable, tensors);
  memory.remember(key, engine);
  return engine;
}

/** On a CPU, grappler runs convolutions in oneDNN. XLA does not, and is slower. */
function hasConvolution(graph: Graph): boolean {
  return reachableNodes(graph).some(({ operation }) => /^(Depthwise)?Conv[23]D/.test(operation));
}

/**
 * Large graphs compile for many seconds under XLA, and were no faster. Graphs with loops are small, whatever they
 * compute.
 */
function isLarge(graph: Graph): boolean {
  const nodes = reachableNodes(graph);
  return nodes.length > MAXIMUM_OPERATIONS && nodes.every(({ functions = {} }) => Object.keys(functions).length === 0);
}

/** Times the engines in turn on the real arguments, and restores the variables. */
function faster(callable: CompiledFunction, tensors: readonly Tensor[]): Engine {
  const run = (engine: Engine): number => {
    const start = performance.now();
    for (const result of callable.run(tensors, engine)) result.dispose();
    return performance.now() - start;
  };
  const compiles = (engine: Engine): boolean => {
    try {
      run(engine);
      return true;
    } catch {
      return false; // XLA does not know every operation
    }
  };
  const restore = callable.saveVariables();
  try {
    if (!compiles('xla')) return 'grappler';
    run('grappler'); // its first call optimizes the graph
    const [grappler, xla]: [number[], number[]] = [[], []];
    const start = performance.now();
    while (
      xla.length < MINIMUM_ROUNDS ||
      (xla.length < MAXIMUM_ROUNDS && performance.now() - start < TRIAL_TIME_IN_MS)
    ) {
      grappler.push(run('grappler'));
      xla.push(run('xla'));
    }
    return median(xla) < median(grappler) ? 'xla' : 'grappler';
  } finally {
    restore();
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}
