import * as tf from '@tensorflow/tfjs-core';
import type { RandomStream } from '../random/random-stream.ts';
import { customOperation } from '../tensors/custom-operation.ts';
import { addNanOutside, requireIndices } from './indices.ts';
import { normal, type Initializer } from './initializers.ts';
import { Module } from './module.ts';
import { parameter } from './parameter.ts';
import { sumByIndex } from './sum-by-index.ts';

/**
 * Looks up rows of a table: indices int32 [...], table [V, D] → float32 [..., D]. An index outside the table is an error on
 * CPUs; on other devices and in XLA, where an error would wait for the device, every row is NaN.
 * @throws Error naming indices that are not int32, or a table without exactly two axes
 * @throws RangeError naming an index outside the table, on CPUs
 */
export function embedding(indices: tf.Tensor, table: tf.Tensor): tf.Tensor {
  if (indices.dtype !== 'int32') throw new Error(`embedding: expected int32 indices, got ${indices.dtype}`);
  if (table.rank !== 2) throw new Error(`embedding: expected a table [V, D], got [${table.shape.join(', ')}]`);
  const [rows, depth] = table.shape as [number, number];
  requireIndices(indices, rows, 'embedding: expected indices');
  return customOperation(
    [table],
    (save) => {
      save([indices]);
      return addNanOutside(tf.gather(table, indices), tf.reshape(indices, [-1]), rows);
    },
    (gradient, [saved]) => {
      const flat = tf.reshape(saved!, [saved!.size]);
      return [sumByIndex(tf.reshape(gradient, [saved!.size, depth]), flat, rows)];
    },
  );
}

export interface EmbeddingOptions {
  /** Draws the initial values. */
  readonly random: RandomStream;
  /** Default N(0, 1), as in PyTorch. */
  readonly weightInitializer?: Initializer;
}

/** Learned vector for each of `count` indices. Matches PyTorch's `Embedding`. */
export class Embedding extends Module {
  readonly weight: tf.Variable; // [count, features]

  constructor(count: number, features: number, { random, weightInitializer = normal(1) }: EmbeddingOptions) {
    super();
    this.weight = parameter(weightInitializer([count, features], { fanIn: count, fanOut: features }, random));
  }

  /** Indices int32 [...] → float32 [..., features]. */
  forward(indices: tf.Tensor): tf.Tensor {
    return embedding(indices, this.weight);
  }
}
