import { attentionMaps, type Figure } from '@motley/run/node';
import * as tf from '@tensorflow/tfjs-core';
import type { Transformer } from './model.ts';

/** One sentence as the network reads it, and what its symbols are called. */
export interface AttendedPair {
  /** Symbols of the source with its end; nothing for a language model. */
  readonly source: readonly number[];
  /** Symbols of the target behind its begin. */
  readonly input: readonly number[];
  readonly sourceLabels: readonly string[];
  readonly inputLabels: readonly string[];
  /** What the network says at each place of the input: it is this that it looks for in the source. */
  readonly outputLabels: readonly string[];
}

/** Attention weights of one part of the network for one pair, float32 [N, T, S]. */
export interface AttentionWeights {
  readonly weights: Float32Array;
  readonly shape: readonly [heads: number, queries: number, keys: number];
}

/** What every head of every layer attends to in one pair, by the part's name: `decoder.0.cross_attention`. */
export async function attentionOf(
  model: Transformer,
  { source, input }: Pick<AttendedPair, 'source' | 'input'>,
): Promise<Record<string, AttentionWeights>> {
  const heard: Record<string, tf.Tensor> = {};
  tf.tidy(() => {
    const rows = (symbols: readonly number[]): tf.Tensor => tf.tensor2d([...symbols], [1, symbols.length], 'int32');
    model.forward(source.length === 0 ? undefined : rows(source), rows(input), {
      onAttention: (name, weights) => (heard[name] = tf.keep(tf.squeeze(weights, [0]))),
    });
  });
  const found: Record<string, AttentionWeights> = {};
  for (const [name, tensor] of Object.entries(heard)) {
    found[name] = { weights: await tensor.data<'float32'>(), shape: tensor.shape as [number, number, number] };
    tensor.dispose();
  }
  return found;
}

/**
 * A page for each layer and kind of attention with a map for each of its heads, by file name: `attention-encoder-1`,
 * `attention-decoder-1-self`, `attention-decoder-1-cross`. Rows look, columns are looked at.
 */
export async function attentionFigures(model: Transformer, pair: AttendedPair): Promise<Record<string, Figure>> {
  const figures: Record<string, Figure> = {};
  for (const [name, { weights, shape }] of Object.entries(await attentionOf(model, pair))) {
    const [stack, index, kind] = name.split('.') as [string, string, string];
    const layer = Number(index) + 1;
    const [queryLabels, keyLabels, subtitle, suffix] =
      stack === 'encoder'
        ? [pair.sourceLabels, pair.sourceLabels, 'from each symbol of the source (rows) to all of them', '']
        : kind === 'cross_attention'
          ? [pair.outputLabels, pair.sourceLabels, 'from each symbol, as it is said (rows), to the source', '-cross']
          : [pair.inputLabels, pair.inputLabels, 'from each symbol that was said (rows) to those up to it', '-self'];
    figures[`attention-${stack}-${layer}${suffix}`] = attentionMaps({
      title: `Attention of the ${stack}'s layer ${layer}`,
      subtitle,
      weights,
      shape,
      queryLabels,
      keyLabels,
    });
  }
  return figures;
}
