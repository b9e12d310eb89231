import { cast, type DiagInputs, type EinsumAttrs, type MeanInputs, type TensorInfo, tidy } from '@tensorflow/tfjs-core';
import { asTensor, override } from './kernel.ts';

/** Diagonals, means and sums of products, for the dtypes and the errors that tfjs promises. */
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

/** TensorFlow broadcasts along a label that only the output has; tfjs calls it an error. */
function checkEinsumLabels(equation: string): void {
  const [inputs = '', output = ''] = equation.split('->');
  const unknown = output.match(/[a-z]/gi)?.find((label) => !inputs.includes(label));
  if (unknown !== undefined) {
    throw new Error(`Output subscripts contain the label ${unknown} not present in the input subscripts.`);
  }
}
