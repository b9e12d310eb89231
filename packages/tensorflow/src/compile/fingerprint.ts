import { createHash } from 'node:crypto';
import { formatGraph, type Graph } from './graph.ts';

/** Hash of all that a graph's speed depends on: everything but the values of long constants. */
export function fingerprint(graph: Graph): string {
  return createHash('sha256').update(formatGraph(graph)).digest('hex');
}
