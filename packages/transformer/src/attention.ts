import * as tf from '@tensorflow/tfjs-core';
import type { Transformer } from './model.ts';

/** Input of the network for one pair, and the labels of its symbols. */
export interface AttendedPair {
  /** Source symbols and the end symbol; empty for a language model. */
  readonly source: readonly number[];
  /** Begin symbol and target symbols. */
  readonly input: readonly number[];
  readonly sourceLabels: readonly string[];
  readonly inputLabels: readonly string[];
  /** Symbol predicted at each position of the input; cross-attention looks for it in the source. */
  readonly outputLabels: readonly string[];
}

/** Attention weights of one attention layer for one pair, float32 [N, T, S]. */
export interface AttentionWeights {
  readonly weights: Float32Array;
  readonly shape: readonly [heads: number, queries: number, keys: number];
}

/** Attention weights of all layers for one pair, by layer name: `decoder.0.cross_attention`. */
export async function attentionOf(
  model: Transformer,
  { source, input }: Pick<AttendedPair, 'source' | 'input'>,
): Promise<Record<string, AttentionWeights>> {
  const captured: Record<string, tf.Tensor> = {};
  tf.tidy(() => {
    const rows = (symbols: readonly number[]): tf.Tensor => tf.tensor2d([...symbols], [1, symbols.length], 'int32');
    model.forward(source.length === 0 ? undefined : rows(source), rows(input), {
      onAttention: (name, weights) => (captured[name] = tf.keep(tf.squeeze(weights, [0]))),
    });
  });
  const found: Record<string, AttentionWeights> = {};
  for (const [name, tensor] of Object.entries(captured)) {
    found[name] = { weights: await tensor.data<'float32'>(), shape: tensor.shape as [number, number, number] };
    tensor.dispose();
  }
  return found;
}
