import {
  equal,
  isNaN,
  scalar,
  type Tensor,
  type TensorInfo,
  tidy,
  type UniqueAttrs,
  type UniqueInputs,
} from '@tensorflow/tfjs-core';
import type { TensorFlowBackend } from '../backend/backend.ts';
import { integers } from '../backend/constant.ts';
import { DataType } from '../c-api/types.ts';
import { typeAttribute } from './attributes.ts';
import { asTensor, define, select } from './kernel.ts';
import { executeAll } from './operation.ts';

const NAN_BITS = 0x7fc0_0000;
const MINUS_ZERO_BITS = -0x8000_0000;

/** Registers tf.unique. To TensorFlow every NaN is a new value, to tfjs they are all the same. −0 equals 0 in both. */
export function registerUniqueKernel(): void {
  define<UniqueInputs, UniqueAttrs>('Unique', ({ inputs: { x }, attributes: { axis }, backend }) => {
    const unique = (values: TensorInfo) => {
      const types = { T: values, Taxis: 'int32', out_idx: 'int32' } as const;
      return executeAll('UniqueV2', { inputs: [values, integers([axis])], types }, 2, backend) as [Tensor, Tensor];
    };
    if (x.dtype !== 'float32') return unique(x);
    return tidy(() => {
      const bits = bitcast(x, DataType.float32, DataType.int32, backend);
      const numbers = select(isNaN(asTensor(x)), scalar(NAN_BITS, 'int32'), bits, backend);
      const keys = select(equal(numbers, scalar(MINUS_ZERO_BITS, 'int32')), scalar(0, 'int32'), numbers, backend);
      const [values, indices] = unique(keys);
      return [bitcast(values, DataType.int32, DataType.float32, backend), indices];
    });
  });
}

function bitcast(tensor: TensorInfo, from: number, to: number, backend: TensorFlowBackend): Tensor {
  return backend.executeSingleOutput('Bitcast', [typeAttribute('T', from), typeAttribute('type', to)], [tensor]);
}
