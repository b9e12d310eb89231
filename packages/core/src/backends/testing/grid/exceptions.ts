import type { BackendName } from '../start-backend.ts';
import type { KernelCase } from './case.ts';
import type { GridNumbers } from './tensor.ts';

/** Kernels without a case, and why. */
export const UNTRIED: Readonly<Record<string, string>> = {
  Complex: 'complex numbers are no dtype of the grid',
  ComplexAbs: 'complex numbers are no dtype of the grid',
  Draw: 'draws on a canvas of a page',
  FFT: 'complex numbers are no dtype of the grid',
  FromPixels: 'reads a canvas of a page',
  IFFT: 'complex numbers are no dtype of the grid',
  Imag: 'complex numbers are no dtype of the grid',
  Multinomial: 'draws random numbers',
  RaggedGather: 'only plain JavaScript has it, which would be compared with itself',
  RaggedRange: 'only plain JavaScript has it, which would be compared with itself',
  RaggedTensorToTensor: 'only plain JavaScript has it, which would be compared with itself',
  Real: 'complex numbers are no dtype of the grid',
  StaticRegexReplace: 'only plain JavaScript has it, which would be compared with itself',
};

/** Calls for which a kernel of a backend gives other numbers. */
interface Exception {
  readonly kernels: readonly string[];
  readonly backends: readonly BackendName[];
  readonly reason: string;
  /** The calls meant. Default: all. */
  readonly when?: (call: KernelCase) => boolean;
}

const inputsOf = ({ inputs }: KernelCase) => Object.values(inputs as Readonly<Record<string, GridNumbers>>);
const dtypesOf = (call: KernelCase) => inputsOf(call).map(({ dtype }) => dtype);
const isEmpty = (call: KernelCase) => inputsOf(call).some(({ values }) => values.length === 0);
const hasIntegers = (call: KernelCase) => dtypesOf(call).includes('int32');
const hasSpecial = (call: KernelCase) =>
  inputsOf(call).some(({ values }) => Array.from(values).some((value) => !Number.isFinite(value)));

export const EXCEPTIONS: readonly Exception[] = [
  {
    kernels: ['Abs', 'Square'],
    backends: ['cpu', 'webgpu'],
    reason: 'computes integers in float32, which has them to 2²⁴',
    when: hasIntegers,
  },
  {
    kernels: ['Mod', 'Relu', 'SquaredDifference'],
    backends: ['webgpu'],
    reason: 'computes integers in float32, which has them to 2²⁴',
    when: hasIntegers,
  },
  {
    kernels: ['Mod', 'Pow'],
    backends: ['cpu', 'webgpu'],
    reason: 'the remainder by ±∞ and powers of 1 are NaN',
    when: hasSpecial,
  },
  {
    kernels: ['Pow'],
    backends: ['webgpu'],
    reason: 'WGSL has no power of a negative number; the shader takes its sign from the exponent',
  },
  {
    kernels: [
      'Acosh',
      'Asinh',
      'Atan2',
      'Atanh',
      'Cos',
      'Cosh',
      'Elu',
      'Expm1',
      'Log1p',
      'Selu',
      'Sigmoid',
      'Sin',
      'Sinh',
      'Softmax',
      'Softplus',
      'Tan',
      'Tanh',
    ],
    backends: ['webgpu'],
    reason: 'WGSL lets functions of NaN, ±∞ and huge numbers be any number',
    when: hasSpecial,
  },
  {
    kernels: ['ResizeBilinearGrad', 'ResizeNearestNeighborGrad'],
    backends: ['cpu'],
    reason: 'swaps height and width, or does not end; core has its own gradient there',
  },
  {
    kernels: ['CropAndResize', 'Transform'],
    backends: ['tensorflow', 'wasm', 'webgpu'],
    reason: 'takes other pixels between two, and beyond the edges; no part of core uses it',
  },
  {
    kernels: ['DenseBincount'],
    backends: ['webgpu'],
    reason: 'the shader loses rows, and does not compile for weights; no part of core uses it',
  },
  {
    kernels: ['FusedConv2D', 'FusedDepthwiseConv2D', 'Softmax', 'TensorScatterUpdate', '_FusedMatMul'],
    backends: ['webgpu'],
    reason: 'WebGPU refuses empty buffers',
    when: isEmpty,
  },
  {
    kernels: ['AvgPoolGrad', 'AvgPool3DGrad'],
    backends: ['cpu', 'webgpu'],
    reason: 'does not round the number of windows',
    when: ({ attributes }) => attributes?.dimRoundingMode !== undefined,
  },
  {
    kernels: ['MaxPool3DGrad'],
    backends: ['cpu', 'webgpu'],
    reason: 'takes other places where strides or paddings differ between axes',
  },
  {
    kernels: ['AvgPoolGrad', 'AvgPool3DGrad'],
    backends: ['tensorflow'],
    reason: 'divides by the pixels inside the image; core corrects the others',
  },
  {
    kernels: ['Select'],
    backends: ['tensorflow'],
    reason: 'TensorFlow refuses two dtypes',
    when: (call) => new Set(dtypesOf(call).slice(1)).size > 1,
  },
  {
    kernels: ['Prelu'],
    backends: ['tensorflow'],
    reason: 'composed of a product: 0 · ∞ is NaN',
    when: hasSpecial,
  },
  {
    kernels: ['Conv2D', 'Conv3D', 'DepthwiseConv2dNative', 'FusedConv2D', 'FusedDepthwiseConv2D', 'MaxPoolWithArgmax'],
    backends: ['tensorflow'],
    reason: 'TensorFlow refuses no images, or gives them the shape of its input',
    when: isEmpty,
  },
  {
    kernels: ['Conv2D', 'Conv3D', 'FusedConv2D'],
    backends: ['tensorflow'],
    reason: 'TensorFlow gives other numbers for some strides along the width of images with one channel',
    when: ({ inputs, attributes }) =>
      (inputs as Readonly<Record<string, GridNumbers>>).x!.shape.at(-1) === 1 &&
      (attributes?.strides as number[]).at(-1) !== 1,
  },
  {
    kernels: ['Conv2D', 'Conv3D', 'DepthwiseConv2dNative', 'FusedConv2D', 'FusedDepthwiseConv2D'],
    backends: ['tensorflow', 'webgpu'],
    reason: 'NaN and ±∞ reach results whose windows do not hold them, by a factor of 0',
    when: hasSpecial,
  },
  {
    kernels: ['NonMaxSuppressionV5'],
    backends: ['tensorflow'],
    reason: 'TensorFlow has no threshold of overlap where scores decay',
    when: ({ attributes }) => attributes?.softNmsSigma !== 0,
  },
  {
    kernels: ['FusedBatchNorm'],
    backends: ['tensorflow'],
    reason: 'TensorFlow has it for images, with scale and offset',
  },
];

/** Why a call is left out on a backend. Undefined: it is not. */
export function exceptionOf(kernel: string, backend: BackendName, call: KernelCase): string | undefined {
  return EXCEPTIONS.find(
    ({ kernels, backends, when = () => true }) => kernels.includes(kernel) && backends.includes(backend) && when(call),
  )?.reason;
}
