import * as tf from '@tensorflow/tfjs-core';

/**
 * Gather with batch dimensions. The stock kernel looks up the indices of every batch in the first batch; here the rows
 * of all batches form one table. x [B..., O..., D, S...], indices int32 [B..., I...] → [B..., O..., I..., S...].
 */
export function gatherInBatches(stock: tf.KernelFunc): tf.KernelFunc {
  return (call) => {
    const { axis, batchDims } = call.attrs as unknown as { axis: number; batchDims: number };
    if (batchDims === 0) return stock(call);
    const { x, indices } = call.inputs as { x: tf.Tensor; indices: tf.Tensor };
    const [dimension = 0] = tf.util.parseAxisParam(axis, x.shape);
    const wrong = indices.dataSync<'int32'>().find((index) => index < 0 || index >= x.shape[dimension]!);
    if (wrong !== undefined)
      throw new RangeError(`GatherV2: the index value ${wrong} is not in [0, ${x.shape[dimension]! - 1}]`);
    const { batchSize, outerSize, dimSize, sliceSize, outputShape } =
      tf.backend_util.segment_util.collectGatherOpShapeInfo(x, indices, dimension, batchDims);
    return tf.tidy(() => {
      const byDimension = tf.transpose(tf.reshape(x, [batchSize, outerSize, dimSize, sliceSize]), [0, 2, 1, 3]);
      const table = tf.reshape(byDimension, [batchSize * dimSize, outerSize * sliceSize]);
      const firsts = tf.range(0, batchSize * dimSize, dimSize, 'int32');
      const rows = tf.add(tf.reshape(indices, [batchSize, -1]), tf.reshape(firsts, [batchSize, 1]));
      const count = indices.size / batchSize;
      const found = tf.reshape(tf.gather(table, tf.cast(rows, 'int32')), [batchSize, count, outerSize, sliceSize]);
      return tf.reshape(tf.transpose(found, [0, 2, 1, 3]), outputShape);
    });
  };
}
