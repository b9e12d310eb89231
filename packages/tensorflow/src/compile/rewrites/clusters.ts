import { type Graph, type GraphNode, type GraphTensor, reachableNodes } from '../graph.ts';
import { callClusters, type Cluster, clusterFrom } from './call-clusters.ts';
import { bytesOf, endsProduct, mayJoin, savedInMicroseconds } from './cluster-operations.ts';

/** Least saving of one call. Smaller savings are lost where a product runs beside the call on the same cores. */
const CALL_THRESHOLD_IN_MICROSECONDS = 500;
/** Least saving of all calls of a function together. A hundred steps then make up for its compilation. */
const FUNCTION_THRESHOLD_IN_MICROSECONDS = 1000;

/**
 * Compiles parts of a step with XLA. Element-wise operations and reductions that follow each other move into functions
 * that XLA compiles, so that their intermediate values never reach memory. Products and convolutions stay outside,
 * where oneDNN computes them.
 *
 * The depth of a node is the largest number of nodes outside clusters on any path to it. A cluster has nodes of one
 * depth only. A path that leaves a cluster comes back at a greater depth, so no call ever waits for itself.
 */
export function clusterForXla(graph: Graph): Graph {
  const nodes = reachableNodes(graph);
  const consumers = consumersOf(nodes);
  const joining = new Set(nodes.filter((node) => mayJoin(node) && !endsProduct(node, consumers)));
  const results = new Set(graph.results);
  const depths = depthsOf(nodes, joining);
  for (const node of [...nodes].reverse()) {
    if (!joining.has(node) || node.outputs.some((output) => results.has(output))) continue;
    sink(
      node,
      node.outputs.flatMap((output) => consumers.get(output) ?? []),
      depths,
    );
  }
  const clusters = connected(nodes, joining, depths).map((members) => {
    const own = new Set(members);
    const isUsed = (output: GraphTensor) =>
      results.has(output) || (consumers.get(output) ?? []).some((node) => !own.has(node));
    return clusterFrom(members, isUsed);
  });
  // A cluster's inputs come before it: sources first, then at each depth the clusters, then the other nodes.
  const rank = (node: GraphNode) => (isSource(node) ? -1 : 2 * depths.get(node)! + (joining.has(node) ? 0 : 1));
  const ordered = nodes.filter(({ operation }) => operation !== 'Placeholder').sort((a, b) => rank(a) - rank(b));
  return callClusters(graph, ordered, worthwhile(clusters));
}

function consumersOf(nodes: readonly GraphNode[]): Map<GraphTensor, GraphNode[]> {
  const consumers = new Map<GraphTensor, GraphNode[]>();
  for (const node of nodes) {
    for (const input of node.inputs) {
      const known = consumers.get(input);
      if (known === undefined) consumers.set(input, [node]);
      else known.push(node);
    }
  }
  return consumers;
}

/** Whether a node has no inputs from computations. */
function isSource({ operation, controls }: GraphNode): boolean {
  return ['Const', 'Placeholder', 'ReadVariableOp'].includes(operation) && controls.length === 0;
}

function depthsOf(nodes: readonly GraphNode[], joining: ReadonlySet<GraphNode>): Map<GraphNode, number> {
  const depths = new Map<GraphNode, number>();
  for (const node of nodes) {
    let depth = 0;
    const follow = (earlier: GraphNode, isApart: boolean) => {
      if (!isSource(earlier)) depth = Math.max(depth, depths.get(earlier)! + (isApart ? 1 : 0));
    };
    for (const { node: earlier } of node.inputs) follow(earlier, !joining.has(earlier));
    for (const earlier of node.controls) follow(earlier, true);
    depths.set(node, depth);
  }
  return depths;
}

/**
 * Moves a node down to its first user, if its inputs are kept in memory anyway. A value that only the backward pass
 * needs is then computed there instead of being kept.
 */
function sink(node: GraphNode, users: readonly GraphNode[], depths: Map<GraphNode, number>): void {
  const kept = node.inputs.filter((input) => !isSource(input.node));
  if (users.length === 0 || bytesOf(kept) > bytesOf(node.outputs)) return;
  const least = users.map((user) => depths.get(user)!).reduce((depth, other) => Math.min(depth, other));
  depths.set(node, least);
}

/** Groups of connected nodes of one depth that may join, each in order. */
function connected(
  nodes: readonly GraphNode[],
  joining: ReadonlySet<GraphNode>,
  depths: ReadonlyMap<GraphNode, number>,
): GraphNode[][] {
  const leaders = new Map<GraphNode, GraphNode>();
  const leaderOf = (node: GraphNode): GraphNode => {
    let leader = node;
    for (let next = leaders.get(leader)!; next !== leader; next = leaders.get(leader)!) leader = next;
    leaders.set(node, leader);
    return leader;
  };
  for (const node of nodes) {
    if (!joining.has(node)) continue;
    leaders.set(node, node);
    for (const { node: earlier } of node.inputs) {
      if (joining.has(earlier) && depths.get(earlier) === depths.get(node))
        leaders.set(leaderOf(earlier), leaderOf(node));
    }
  }
  const groups = new Map<GraphNode, GraphNode[]>();
  for (const node of nodes) {
    if (!joining.has(node)) continue;
    const leader = leaderOf(node);
    groups.set(leader, [...(groups.get(leader) ?? []), node]);
  }
  return [...groups.values()];
}

/** The clusters that save time and whose function saves more than its compilation costs. */
function worthwhile(clusters: readonly Cluster[]): Cluster[] {
  const calls = clusters
    .map((cluster) => ({ cluster, saved: savedInMicroseconds(cluster.members, cluster.inputs, cluster.outputs) }))
    .filter(({ saved }) => saved >= CALL_THRESHOLD_IN_MICROSECONDS);
  const savings = new Map<string, number>();
  for (const { cluster, saved } of calls) savings.set(cluster.key, (savings.get(cluster.key) ?? 0) + saved);
  return calls
    .filter(({ cluster }) => savings.get(cluster.key)! >= FUNCTION_THRESHOLD_IN_MICROSECONDS)
    .map(({ cluster }) => cluster);
}
