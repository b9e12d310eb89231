import { RandomStream } from '@motley/core';
import { modelSchema, Transformer } from '@motley/transformer';
import * as tf from '@tensorflow/tfjs-core';

/** Symbols that are decoded, and those of a source sentence. */
export const DECODED_LENGTH = 100;
const SOURCE_LENGTH = 32;
const VOCABULARY = 10_000;

/** The network of packages/transformer at the size of its preset for Multi30k, and sentences; symbols from 3 on. */
export function decodingSetting(batchSize: number): { readonly model: Transformer; readonly source: tf.Tensor } {
  const random = RandomStream.fromSeed(7);
  const size = { width: 256, heads: 4, layers: 3, feedForwardWidth: 1024, maxLength: 128, dropout: 0 };
  const model = new Transformer(modelSchema.parse({ ...size, vocabulary: VOCABULARY }), random.fork('weights')).eval();
  const symbols = random.fork('source').integers(batchSize * SOURCE_LENGTH, 3, VOCABULARY);
  return { model, source: tf.tensor2d(symbols, [batchSize, SOURCE_LENGTH], 'int32') };
}

/** `Decoding-32` → 32. */
export function batchSizeOf(name: string): number {
  return Number(name.replace('Decoding-', ''));
}
