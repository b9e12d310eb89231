import * as tf from '@tensorflow/tfjs-core';
import type { TableInputs } from './model.ts';
import type { TablePredictor } from './predictor.ts';
import type { EncodedRows } from './table/encoder.ts';
import { outputsOf, type Table } from './table/table.ts';

const BATCH_SIZE = 2048;

/**
 * Predictions for rows: the probability of the positive class, the probabilities of all classes, or a number; the mean
 * over the members of the ensemble.
 * @returns [N, O]
 * @throws UserError where the table lacks a column
 */
export async function predict(predictor: TablePredictor, table: Table): Promise<Float64Array> {
  const { encoder, target, network } = predictor;
  const rows = encoder.encode(table);
  const outputs = outputsOf(target);
  const predictions = new Float64Array(rows.rowCount * outputs);
  for (let first = 0; first < rows.rowCount; first += BATCH_SIZE) {
    const count = Math.min(BATCH_SIZE, rows.rowCount - first);
    const means = tf.tidy(() => {
      const ofMembers = network.forward(inputsOf(rows, first, count)); // [M, B, O]
      if (target.task === 'number') return tf.mean(ofMembers, 0);
      return tf.mean(target.task === 'binary' ? tf.sigmoid(ofMembers) : tf.softmax(ofMembers), 0);
    });
    const values = await means.data<'float32'>();
    means.dispose();
    predictions.set(
      Float64Array.from(values, (value) => value * target.scale + target.offset),
      first * outputs,
    );
  }
  return predictions;
}

/** Tensors of some rows. */
function inputsOf({ rowCount, numbers, indicators }: EncodedRows, first: number, count: number): TableInputs {
  const part = (values: Float32Array): tf.Tensor | undefined => {
    if (values.length === 0) return undefined;
    const width = values.length / rowCount;
    return tf.tensor2d(values.subarray(first * width, (first + count) * width), [count, width]);
  };
  return { numbers: part(numbers), indicators: part(indicators) };
}
