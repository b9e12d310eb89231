import {
  type _FusedMatMulAttrs,
  type _FusedMatMulInputs,
  add,
  type BatchMatMulAttrs,
  type BatchMatMulInputs,
  type EinsumAttrs,
  type FFTInputs,
  matMul,
  type TensorInfo,
  tidy,
} from '@tensorflow/tfjs-core';
import { activate } from './activation.ts';
import { listOf } from './arrangements.ts';
import { asTensor, define } from './kernel.ts';
import { operation } from './operation.ts';

/** Registers products of matrices, sums of products and Fourier transforms. */
export function registerProductKernels(): void {
  operation<BatchMatMulInputs, BatchMatMulAttrs>('BatchMatMul', ({ a, b }, { transposeA, transposeB }) => ({
    name: 'BatchMatMulV2', // it broadcasts, as tfjs does
    inputs: [a, b],
    types: { T: a },
    attributes: { adj_x: transposeA, adj_y: transposeB },
  }));
  define<_FusedMatMulInputs, _FusedMatMulAttrs>('_FusedMatMul', ({ inputs, attributes }) => {
    const { a, b, bias, preluActivationWeights } = inputs as Record<string, TensorInfo | undefined>;
    const { transposeA, transposeB, activation, leakyreluAlpha } = attributes;
    return tidy(() => {
      const product = matMul(asTensor(a!), asTensor(b!), transposeA, transposeB);
      const sum = bias === undefined ? product : add(product, asTensor(bias));
      return activate(sum, activation, preluActivationWeights && asTensor(preluActivationWeights), leakyreluAlpha);
    });
  });
  operation<TensorInfo[], EinsumAttrs>('Einsum', (tensors, { equation }) => {
    checkEinsumLabels(equation);
    const inputs = listOf(tensors);
    return { inputs, types: { T: inputs[0]! }, attributes: { N: inputs.length, equation } };
  });
  for (const name of ['FFT', 'IFFT'])
    operation<FFTInputs>(name, ({ input }) => ({ inputs: [input], types: { Tcomplex: input } }));
}

/** Refuses a label that only the output has, as tfjs does. TensorFlow would broadcast along it. */
function checkEinsumLabels(equation: string): void {
  const [inputs = '', output = ''] = equation.split('->');
  const unknown = output.match(/[a-z]/gi)?.find((label) => !inputs.includes(label));
  if (unknown !== undefined) {
    throw new Error(`Output subscripts contain the label ${unknown} not present in the input subscripts.`);
  }
}
