import { attentionMaps, type Figure } from '@motley/run/node';
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

/**
 * Attention maps by file name: `attention-encoder-1`, `attention-decoder-1-self`, `attention-decoder-1-cross`. Each figure
 * has one map for each head. Rows are queries, columns are keys.
 */
export async function attentionFigures(model: Transformer, pair: AttendedPair): Promise<Record<string, Figure>> {
  const figures: Record<string, Figure> = {};
  for (const [name, { weights, shape }] of Object.entries(await attentionOf(model, pair))) {
    const [stack, index, kind] = name.split('.') as [string, string, string];
    const layer = Number(index) + 1;
    const [queryLabels, keyLabels, subtitle, suffix] =
      stack === 'encoder'
        ? [pair.sourceLabels, pair.sourceLabels, 'rows: source symbols as queries; columns: source symbols as keys', '']
        : kind === 'cross_attention'
          ? [
              pair.outputLabels,
              pair.sourceLabels,
              'rows: predicted symbols as queries; columns: source symbols as keys',
              '-cross',
            ]
          : [
              pair.inputLabels,
              pair.inputLabels,
              'rows: target symbols as queries; columns: the same and earlier symbols as keys',
              '-self',
            ];
    figures[`attention-${stack}-${layer}${suffix}`] = attentionMaps({
      title: `Attention in ${stack} layer ${layer}`,
      subtitle,
      weights,
      shape,
      queryLabels,
      keyLabels,
    });
  }
  return figures;
}
