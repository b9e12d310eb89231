import { dirname, join } from 'node:path/posix';
import { importsOf } from './workspace.ts';

/**
 * Modules that import each other in a circle, types included.
 * @param sources texts by path
 * @returns each circle's paths
 */
export function circlesOf(sources: ReadonlyMap<string, string>): string[][] {
  const imports = new Map(
    [...sources].map(([path, text]) => [path, importsOf(text).map((name) => join(dirname(path), name))]),
  );
  const reachable = new Map([...imports.keys()].map((path) => [path, reachableFrom(path, imports)]));
  const circles = new Map<string, string[]>();
  for (const [path, reached] of reachable) {
    const circle = [...reached].filter((other) => reachable.get(other)!.has(path)).sort();
    if (circle.length > 0) circles.set(circle.join(), circle);
  }
  return [...circles.values()];
}

function reachableFrom(start: string, imports: ReadonlyMap<string, readonly string[]>): Set<string> {
  const reached = new Set<string>();
  const waiting = [start];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop())
    for (const next of imports.get(path)!) {
      if (reached.has(next) || !imports.has(next)) continue;
      reached.add(next);
      waiting.push(next);
    }
  return reached;
}
