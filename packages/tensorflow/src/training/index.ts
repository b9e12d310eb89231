import { registerChannelNormalizationKernels } from './channel-normalization.ts';
import { registerCrossEntropyKernels } from './cross-entropy.ts';
import { registerOptimizerKernels } from './optimizers.ts';
import { registerRandomKernels } from './random.ts';

/** The operations of a training step that tfjs has no kernels for. */
export function registerTrainingKernels(): void {
  registerOptimizerKernels();
  registerRandomKernels();
  registerCrossEntropyKernels();
  registerChannelNormalizationKernels();
}
