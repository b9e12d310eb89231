import { registerConvolutionKernels } from './convolution.ts';
import { registerElementwiseKernels } from './elementwise.ts';
import { registerFusedConvolutionKernels } from './fused-convolution.ts';
import { registerGatherKernel } from './gather.ts';
import { registerImageKernels } from './images.ts';
import { registerLinearAlgebraKernels } from './linear-algebra.ts';
import { registerConvolutionsOfNothing } from './no-examples.ts';
import { registerMaxPoolWithArgmax } from './pooling-argmax.ts';
import { registerPoolingKernels } from './pooling.ts';
import { registerRaggedKernels } from './ragged.ts';
import { registerRandomKernels } from './random.ts';
import { registerScatterKernels } from './scatter.ts';
import { registerSearchKernels } from './search.ts';
import { registerSparseKernels } from './sparse.ts';
import { registerStringKernels } from './strings.ts';
import { registerUnevenStrides } from './uneven-strides.ts';
import { registerUniqueKernel } from './unique.ts';
import { registerVolumeConvolution } from './volumes.ts';

/** Registers kernels that tfjs-node lacks or gets wrong. Call it after `registerStockKernels`. */
export function registerKernels(): void {
  registerConvolutionKernels();
  registerUnevenStrides();
  registerVolumeConvolution();
  registerElementwiseKernels();
  registerFusedConvolutionKernels();
  registerConvolutionsOfNothing();
  registerGatherKernel();
  registerImageKernels();
  registerLinearAlgebraKernels();
  registerMaxPoolWithArgmax();
  registerPoolingKernels();
  registerRaggedKernels();
  registerRandomKernels();
  registerScatterKernels();
  registerSearchKernels();
  registerSparseKernels();
  registerStringKernels();
  registerUniqueKernel();
}
