import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { PictureVectors } from './verification/pairs.ts';

/** Points in a plane, [N] each. */
export interface Plane {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

const TSNE = { perplexity: 15, theta: 0.5, iterations: 800, learning_rate: 200 } as const;
/** Fewest points for the perplexity. */
export const MIN_POINTS = 3 * TSNE.perplexity + 2;

/**
 * Projects rows by t-SNE with the Barnes–Hut approximation (van der Maaten, "Accelerating t-SNE using tree-based
 * algorithms", 2014) in WebAssembly. Its start is random and takes no seed.
 */
export async function tsne({ values, width, people }: PictureVectors): Promise<Plane> {
  const { default: initialize, bhtSNEf32 } = await importForBrowsers();
  const file = createRequire(import.meta.url).resolve('wasm-bhtsne/wasm_bhtsne_bg.wasm');
  await initialize({ module_or_path: await readFile(file) });
  const rows = Array.from(people.keys(), (row) => Array.from(values.subarray(row * width, (row + 1) * width)));
  const { iterations, ...options } = TSNE;
  const encoder = new bhtSNEf32(rows, options);
  try {
    const plane = encoder.step(iterations) as number[][];
    return { x: Float64Array.from(plane, ([x]) => x!), y: Float64Array.from(plane, ([, y]) => y!) };
  } finally {
    encoder.free();
  }
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
