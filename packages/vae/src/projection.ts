import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { RandomStream } from '@motley/core';
import { UMAP } from 'umap-js';

/** Points in a plane, [N] each. */
export interface Plane {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** Latents [N, Z], row-major. */
export interface Points {
  readonly values: ArrayLike<number>;
  readonly count: number;
  readonly size: number;
}

const TSNE = { perplexity: 30, theta: 0.5, iterations: 500 };
const UMAP_NEIGHBORS = 15;
/** Fewest points for the perplexity and the neighbors above. */
export const MIN_POINTS = 100;

/**
 * Projects points by t-SNE with the Barnes–Hut approximation (van der Maaten, "Accelerating t-SNE using tree-based
 * algorithms", 2014) in WebAssembly. The initialization is random and takes no seed.
 * @throws RangeError if there are fewer than `MIN_POINTS` points
 */
export async function tsne(points: Points): Promise<Plane> {
  const { default: initialize, bhtSNEf32 } = await importForBrowsers();
  const file = createRequire(import.meta.url).resolve('wasm-bhtsne/wasm_bhtsne_bg.wasm');
  await initialize({ module_or_path: await readFile(file) });
  const learningRate = Math.max(200, points.count / 12); // Belkina et al., 2019
  const { perplexity, theta, iterations } = TSNE;
  const encoder = new bhtSNEf32(rowsOf(points), { perplexity, theta, learning_rate: learningRate });
  try {
    return planeOf(encoder.step(iterations) as number[][]);
  } finally {
    encoder.free();
  }
}

/**
 * Projects points by UMAP (McInnes, Healy & Melville, 2018).
 * @throws RangeError if there are fewer than `MIN_POINTS` points
 */
export function umap(points: Points, random: RandomStream): Plane {
  const numbers = new Numbers(random);
  const projection = new UMAP({ nNeighbors: UMAP_NEIGHBORS, random: () => numbers.next() });
  return planeOf(projection.fit(rowsOf(points)));
}

/** Imports the module, which needs the global `self` of browsers while it loads, but not later. */
async function importForBrowsers(): Promise<typeof import('wasm-bhtsne')> {
  const scope = globalThis as { self?: unknown };
  const hadSelf = 'self' in scope;
  if (!hadSelf) scope.self = new EventTarget();
  try {
    return await import('wasm-bhtsne');
  } finally {
    if (!hadSelf) delete scope.self;
  }
}

function rowsOf({ values, count, size }: Points): number[][] {
  if (count < MIN_POINTS) throw new RangeError(`projection: expected at least ${MIN_POINTS} points, got ${count}`);
  return Array.from({ length: count }, (_, row) =>
    Array.from({ length: size }, (_, axis) => values[row * size + axis]!),
  );
}

function planeOf(rows: readonly (readonly number[])[]): Plane {
  return { x: Float64Array.from(rows, ([x]) => x!), y: Float64Array.from(rows, ([, y]) => y!) };
}

/** Uniform numbers one by one, buffered. */
class Numbers {
  readonly #random: RandomStream;
  #values: Float32Array = new Float32Array(0);
  #taken = 0;

  constructor(random: RandomStream) {
    this.#random = random;
  }

  next(): number {
    if (this.#taken === this.#values.length) {
      this.#values = this.#random.uniformValues(4096);
      this.#taken = 0;
    }
    return this.#values[this.#taken++]!;
  }
}
