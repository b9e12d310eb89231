import * as tf from '@tensorflow/tfjs-core';
import type { CharLstm } from './model.ts';
import { Reader } from './reader.ts';

/**
 * Records the cell states of all layers while the network reads a text from the zero state.
 * @param symbols [T]
 * @returns tanh(c) of each layer, [T, D]
 */
export async function traceCells(model: CharLstm, symbols: Int32Array): Promise<Float32Array[]> {
  const reader = new Reader(model, 1);
  const rows: Float32Array[] = [];
  try {
    for (const symbol of symbols)
      rows.push(
        await reader.read(Int32Array.of(symbol), ({ states }) =>
          tf.concat(states.map(({ cell }) => tf.reshape(tf.tanh(cell), [-1]))),
        ),
      );
  } finally {
    reader.dispose();
  }
  const units = rows[0]!.length / model.layers.length;
  return model.layers.map((_, layer) => {
    const trace = new Float32Array(rows.length * units);
    for (const [step, row] of rows.entries()) trace.set(row.subarray(layer * units, (layer + 1) * units), step * units);
    return trace;
  });
}
