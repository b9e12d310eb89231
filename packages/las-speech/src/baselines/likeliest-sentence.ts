import type { SentenceModel, SentenceState } from './sentence-model.ts';

/** Most states that a search may read from. */
const MOST_STATES = 1_000_000;

/** A beginning of a sentence. */
interface Path {
  /** -log p, in nats. */
  readonly cost: number;
  readonly state: SentenceState;
  readonly last: { readonly symbol: string; readonly before: Path } | undefined;
}

/**
 * The sentence that a model holds likeliest: the shortest path from the beginning of a sentence to its end, each symbol
 * as long as its surprisal (Dijkstra 1959). The search is exact.
 * @throws RangeError after a million states: no sentence is likely
 */
export function likeliestSentence(model: SentenceModel): { symbols: string[]; logProbability: number } {
  const ended: SentenceState = -1;
  const reached = new Set<SentenceState>();
  const queue = new PathQueue();
  queue.push({ cost: 0, state: model.beginning, last: undefined });
  for (let path = queue.pop(); path && reached.size < MOST_STATES; path = queue.pop()) {
    if (path.state === ended) return { symbols: symbolsOf(path), logProbability: -path.cost };
    if (reached.has(path.state)) continue;
    reached.add(path.state);
    queue.push({ cost: path.cost - model.read(path.state, undefined).logProbability, state: ended, last: path.last });
    for (const symbol of model.symbols) {
      const { logProbability, state } = model.read(path.state, symbol);
      if (!reached.has(state)) queue.push({ cost: path.cost - logProbability, state, last: { symbol, before: path } });
    }
  }
  throw new RangeError(`likeliest sentence: expected to find one within ${MOST_STATES} states`);
}

function symbolsOf(path: Path): string[] {
  const symbols: string[] = [];
  for (let last = path.last; last; last = last.before.last) symbols.push(last.symbol);
  return symbols.reverse();
}

/** Binary heap, the cheapest path on top. */
class PathQueue {
  readonly #paths: Path[] = [];

  push(path: Path): void {
    const paths = this.#paths;
    let place = paths.length;
    paths.push(path);
    while (place > 0) {
      const above = (place - 1) >> 1;
      if (paths[above]!.cost <= path.cost) break;
      paths[place] = paths[above]!;
      place = above;
    }
    paths[place] = path;
  }

  pop(): Path | undefined {
    const paths = this.#paths;
    const first = paths[0];
    const moved = paths.pop();
    if (!moved || paths.length === 0) return first;
    let place = 0;
    for (;;) {
      const left = 2 * place + 1;
      if (left >= paths.length) break;
      const cheaper = left + 1 < paths.length && paths[left + 1]!.cost < paths[left]!.cost ? left + 1 : left;
      if (paths[cheaper]!.cost >= moved.cost) break;
      paths[place] = paths[cheaper]!;
      place = cheaper;
    }
    paths[place] = moved;
    return first;
  }
}
