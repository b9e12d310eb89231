import { cast, type DiagInputs, type EinsumAttrs, type MeanInputs, type TensorInfo, tidy } from '@tensorflow/tfjs-core';
import { asTensor, override } from './kernel.ts';

/** Registers diagonals, means and einsum for the dtypes and with the errors that tfjs documents. */
export function registerLinearAlgebraKernels(): void {
  override<DiagInputs>('Diag', ({ inputs: { x } }, stock) => {
    if (x.dtype !== 'bool') return stock();
    return tidy(() => cast(asTensor(stock({ x: cast(asTensor(x), 'int32') })), 'bool'));
  });
  override<MeanInputs>('Mean', ({ inputs: { x } }, stock) => {
    if (x.dtype === 'float32') return stock();
    return tidy(() => asTensor(stock({ x: cast(asTensor(x), 'float32') })));
  });
  override<Record<string, TensorInfo>, EinsumAttrs>('Einsum', ({ attributes }, stock) => {
    checkEinsumLabels(attributes.equation);
    return stock();
  });
}

/** Refuses a label that only the output has, as tfjs does. TensorFlow would broadcast along it. */
function checkEinsumLabels(equation: string): void {
  const [inputs = '', output = ''] = equation.split('->');
  const unknown = output.match(/[a-z]/gi)?.find((label) => !inputs.includes(label));
  if (unknown !== undefined) {
    throw new Error(`Output subscripts contain the label ${unknown} not present in the input subscripts.`);
  }
}
