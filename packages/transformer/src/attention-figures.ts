import { attentionMaps, type Figure } from '@motley/run/node';
import { attentionOf, type AttendedPair } from './attention.ts';
import type { Transformer } from './model.ts';

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
