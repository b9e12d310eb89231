import type {
  RaggedGatherAttrs,
  RaggedGatherInputs,
  RaggedRangeInputs,
  RaggedTensorToTensorAttrs,
  RaggedTensorToTensorInputs,
} from '@tensorflow/tfjs-core';
import { dataTypeOf } from '../backend/tensor-data.ts';
import { DataType } from '../c-api/types.ts';
import { integerAttribute, stringAttribute, typeAttribute } from './attributes.ts';
import { define } from './kernel.ts';
import { withTfjsMessages } from './messages.ts';

const INT32_SPLITS = typeAttribute('Tsplits', DataType.int32);

/** Registers tf.raggedGather, raggedRange and raggedTensorToTensor by TensorFlow's operations of the same names. */
export function registerRaggedKernels(): void {
  define<RaggedGatherInputs, RaggedGatherAttrs>('RaggedGather', ({ inputs, attributes, backend }) => {
    const { paramsNestedSplits, paramsDenseValues, indices } = inputs;
    const operationAttributes = [
      typeAttribute('Tvalues', dataTypeOf(paramsDenseValues.dtype)),
      typeAttribute('Tindices', DataType.int32),
      INT32_SPLITS,
      integerAttribute('PARAMS_RAGGED_RANK', paramsNestedSplits.length),
      integerAttribute('OUTPUT_RAGGED_RANK', attributes.outputRaggedRank),
    ];
    const tensors = [...paramsNestedSplits, paramsDenseValues, indices];
    const outputs = attributes.outputRaggedRank + 1;
    return withTfjsMessages(() =>
      backend.executeMultipleOutputs('RaggedGather', operationAttributes, tensors, outputs),
    );
  });
  define<RaggedRangeInputs>('RaggedRange', ({ inputs, backend }) => {
    const { starts, limits, deltas } = inputs;
    const operationAttributes = [typeAttribute('T', dataTypeOf(starts.dtype)), INT32_SPLITS];
    const tensors = [starts, limits, deltas];
    return withTfjsMessages(() => backend.executeMultipleOutputs('RaggedRange', operationAttributes, tensors, 2));
  });
  define<RaggedTensorToTensorInputs, RaggedTensorToTensorAttrs>(
    'RaggedTensorToTensor',
    ({ inputs, attributes, backend }) => {
      const { shape, values, defaultValue, rowPartitionTensors } = inputs;
      const operationAttributes = [
        typeAttribute('T', dataTypeOf(values.dtype)),
        typeAttribute('Tindex', DataType.int32),
        typeAttribute('Tshape', DataType.int32),
        integerAttribute('num_row_partition_tensors', rowPartitionTensors.length),
        stringAttribute('row_partition_types', attributes.rowPartitionTypes),
      ];
      const tensors = [shape, values, defaultValue, ...rowPartitionTensors];
      return withTfjsMessages(() => backend.executeSingleOutput('RaggedTensorToTensor', operationAttributes, tensors));
    },
  );
}
