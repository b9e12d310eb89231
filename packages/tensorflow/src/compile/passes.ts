import type { Graph } from './graph.ts';
import { verifyGraph } from './verify-graph.ts';

/**
 * Applies rewriting functions to a graph in order. The graph is verified after each.
 *
 * @throws CompileError naming the function and the node
 */
export function runPasses(graph: Graph, passes: readonly ((graph: Graph) => Graph)[]): Graph {
  return passes.reduce((before, pass) => {
    const after = pass(before);
    verifyGraph(after, pass.name);
    return after;
  }, graph);
}
