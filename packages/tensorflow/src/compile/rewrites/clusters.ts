import { type Graph, type GraphNode, type GraphTensor, reachableNodes } from '../graph.ts';
import { callClusters, type Cluster, clusterFrom } from './call-clusters.ts';
import { bytesOf, endsProduct, mayJoin, savedInMicroseconds } from './cluster-operations.ts';

/** Less is lost again where a product runs beside it on the same cores. */
const CALL_THRESHOLD_IN_MICROSECONDS = 500;
/** What a function must save in all its calls together to be worth compiling: a hundred steps make up for it. */
const FUNCTION_THRESHOLD_IN_MICROSECONDS = 1000;

/**
 * Part of a step to XLA, the rest not: moves element-wise operations and reductions that follow each other into
 * functions that XLA compiles, each called by one node, so that what is between them never reaches memory. Products and
 * convolutions stay outside, where oneDNN computes them.
 *
 * A node's depth counts the nodes on the longest way to it that join nothing. Only nodes of one depth are put together:
 * a way that leaves them comes back deeper, so no call ever waits for itself.
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
  // What flows into a cluster comes before it: sources, then each depth's clusters, then what joins nothing there.
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

/** A node that nothing flows into. */
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
 * Moves a node down to the first that uses it: what only the backward pass needs is computed there from what is kept
 * anyway, instead of being kept itself.
 */
function sink(node: GraphNode, users: readonly GraphNode[], depths: Map<GraphNode, number>): void {
  const kept = node.inputs.filter((input) => !isSource(input.node));
  if (users.length === 0 || bytesOf(kept) > bytesOf(node.outputs)) return;
  depths.set(node, Math.min(...users.map((user) => depths.get(user)!)));
}

/** Joining nodes of one depth that lead to each other, each group in order. */
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

/** Those that save time, whose function saves more than its compilation costs. */
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
