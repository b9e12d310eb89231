import { createHash } from 'node:crypto';
import { formatGraph, type Graph } from './graph.ts';

/** The same for graphs that differ in nothing but the values of long constants: what their speed depends on. */
export function fingerprint(graph: Graph): string {
  return createHash('sha256').update(formatGraph(graph)).digest('hex');
}
