import type { TensorInfo } from '@tensorflow/tfjs-core';
import { dataTypeOf } from '../backend/tensor-data.ts';
import { typeAttribute } from '../kernels/attributes.ts';
import { define } from '../kernels/kernel.ts';

/**
 * Registers softmax cross-entropy with its gradient in one operation: logits [N, V] float32 → losses [N] and gradients
 * of the logits [N, V]. `SparseSoftmaxCrossEntropy` takes int32 labels [N], `SoftmaxCrossEntropy` float32 targets [N,
 * V].
 */
export function registerCrossEntropyKernels(): void {
  define<{ logits: TensorInfo; labels: TensorInfo }>('SparseSoftmaxCrossEntropy', ({ inputs, backend }) => {
    const { logits, labels } = inputs;
    const types = [typeAttribute('T', dataTypeOf(logits.dtype)), typeAttribute('Tlabels', dataTypeOf(labels.dtype))];
    return backend.executeMultipleOutputs('SparseSoftmaxCrossEntropyWithLogits', types, [logits, labels], 2);
  });
  define<{ logits: TensorInfo; targets: TensorInfo }>(
    'SoftmaxCrossEntropy',
    ({ inputs: { logits, targets }, backend }) => {
      const type = typeAttribute('T', dataTypeOf(logits.dtype));
      return backend.executeMultipleOutputs('SoftmaxCrossEntropyWithLogits', [type], [logits, targets], 2);
    },
  );
}
