// `fit` knows it by this name.
export { completeKernels as completeWasmKernels } from '../backends/complete-kernels.ts';
