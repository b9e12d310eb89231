import { registerElementwiseKernels } from './elementwise.ts';
import { registerImageKernels } from './images.ts';
import { registerRaggedKernels } from './ragged.ts';
import { registerSearchKernels } from './search.ts';
import { registerSparseKernels } from './sparse.ts';
import { registerStringKernels } from './strings.ts';

/** Registers what tfjs-node's kernels lack or get wrong over them, once they are registered. */
export function registerKernels(): void {
  registerElementwiseKernels();
  registerImageKernels();
  registerRaggedKernels();
  registerSearchKernels();
  registerSparseKernels();
  registerStringKernels();
}
