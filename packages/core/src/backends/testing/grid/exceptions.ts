import type { BackendName } from '../start-backend.ts';
import type { GridNumbers, KernelCase } from './case.ts';

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
];

/** Why a call is left out on a backend. Undefined: it is not. */
export function exceptionOf(kernel: string, backend: BackendName, call: KernelCase): string | undefined {
  return EXCEPTIONS.find(
    ({ kernels, backends, when = () => true }) => kernels.includes(kernel) && backends.includes(backend) && when(call),
  )?.reason;
}
