import * as tf from '@tensorflow/tfjs-core';

/** `tf.gatherND` that refuses indices outside the tensor. The stock kernels on the CPU read a neighbor instead. */
export function checkedGatherNd(stock: tf.KernelFunc): tf.KernelFunc {
  return (call) => {
    const { params, indices } = call.inputs as { params: tf.Tensor; indices: tf.Tensor };
    const depth = indices.shape.at(-1)!;
    const values = indices.dataSync<'int32'>();
    const place = values.findIndex((index, at) => index < 0 || index >= params.shape[at % depth]!);
    if (place >= 0) {
      const first = place - (place % depth);
      throw new RangeError(
        `GatherNd: expected indices within [${params.shape.join(', ')}], got [${values.subarray(first, first + depth).join(', ')}]`,
      );
    }
    return stock(call);
  };
}
