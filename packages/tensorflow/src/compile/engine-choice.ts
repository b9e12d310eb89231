import type { Tensor } from '@tensorflow/tfjs-core';
import type { TensorFlowBackend } from '../backend/backend.ts';
import type { CompiledFunction, Engine } from './compiled-function.ts';
import { EngineMemory, engineKey } from './engine-memory.ts';
import { type Graph, reachableNodes } from './graph.ts';

const timedRuns = 3;

/** The faster engine for a graph: known beforehand, remembered, or tried on the real arguments and then remembered. */
export function chooseEngine(
  backend: TensorFlowBackend,
  graph: Graph,
  callable: CompiledFunction,
  tensors: readonly Tensor[],
): Engine {
  if (!backend.runtime.usesGpu && hasConvolution(graph)) return 'grappler';
  const memory = new EngineMemory();
  const key = engineKey(backend.runtime, graph);
  const remembered = memory.recall(key);
  if (remembered !== undefined) return remembered;
  const engine = faster(callable, tensors);
  memory.remember(key, engine);
  return engine;
}

/** On a CPU, convolutions run in oneDNN, which XLA does not call: there it is slower, and not worth its compilation. */
function hasConvolution(graph: Graph): boolean {
  return reachableNodes(graph).some(({ operation }) => /^(Depthwise)?Conv[23]D/.test(operation));
}

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
