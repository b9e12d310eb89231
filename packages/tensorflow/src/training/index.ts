import { registerChannelNormalizationKernels } from './channel-normalization.ts';
import { registerCrossEntropyKernels } from './cross-entropy.ts';
import { registerOptimizerKernels } from './optimizers.ts';
import { registerRandomKernels } from './random.ts';

/** Registers the operations of a training step for which tfjs has no kernels. */
export function registerTrainingKernels(): void {
  registerOptimizerKernels();
  registerRandomKernels();
  registerCrossEntropyKernels();
  registerChannelNormalizationKernels();
}
