import { arrangementKernels } from './arrangements.ts';
import type { KernelCase, KernelGrid, KernelGrids } from './case.ts';
import { convolutionKernels } from './convolutions.ts';
import { Draw } from './draw.ts';
import { elementwiseKernels } from './elementwise.ts';
import { indexingKernels } from './indexing.ts';
import { poolKernels } from './pools.ts';
import { productKernels } from './products.ts';
import { rareKernels } from './rare.ts';
import { reductionKernels } from './reductions.ts';

/** The grid of every kernel. */
export const kernelGrids: KernelGrids = {
  ...arrangementKernels,
  ...convolutionKernels,
  ...elementwiseKernels,
  ...indexingKernels,
  ...poolKernels,
  ...productKernels,
  ...rareKernels,
  ...reductionKernels,
};

/** The calls of a kernel: those that are always tried, and `count` drawn ones for each unit of weight. */
export function casesOf(name: string, grid: KernelGrid, seed: number, count: number): KernelCase[] {
  const drawn = Array.from({ length: Math.ceil(count * (grid.weight ?? 1)) }, (_, index) =>
    grid.draw(new Draw(seed, name, index)),
  );
  return [...(grid.always?.() ?? []), ...drawn];
}
