import type { RandomStream } from '@motley/core';
import { largest } from '@motley/run';
import { type Figure, lineChart } from '@motley/run/node';
import { attentionFigures } from '../attention-figures.ts';
import { framed } from '../batches.ts';
import type { Transformer } from '../model.ts';
import { FRAME } from '../vocabulary.ts';
import { playground, type Measurement, type PlaygroundName } from './playground.ts';

/** Names of the baselines. */
const NAMES: Readonly<Record<string, string>> = {
  repeating: 'repeated question',
  fiveGram: '5-gram',
  entropy: 'entropy rate',
};

/** Metric on held-out examples by length; a band marks the lengths of training. */
export function lengthFigure(
  name: PlaygroundName,
  maxLength: number,
  measured: Measurement,
  baselines: Readonly<Record<string, Measurement>>,
): Figure {
  const { axes, description } = playground(name);
  const lines = [
    { name: 'Transformer', points: measured.byLength },
    ...Object.entries(baselines).map(([baseline, { byLength }]) => ({
      name: NAMES[baseline] ?? baseline,
      points: byLength,
      dashed: true,
    })),
  ];
  const highest = largest(lines.flatMap(({ points }) => points.map(([, value]) => value)));
  return lineChart({
    title: `${name}: ${description}`,
    subtitle: `held-out examples; band: lengths in training, up to ${maxLength}`,
    ...axes,
    lines,
    bands: [{ points: [1, maxLength].map((length) => [length, 0, highest] as const), color: 0, opacity: 0.1 }],
  });
}

/** Attention maps of all layers for a held-out example of `length`. */
export async function playgroundAttentionFigures(
  model: Transformer,
  name: PlaygroundName,
  length: number,
  random: RandomStream,
): Promise<Record<string, Figure>> {
  const task = playground(name);
  const { source, input, target } = framed(task.example(length, random), FRAME);
  const names = ['∅', '⊢', '⊣', ...task.symbols.map((symbol) => (symbol === ' ' ? '␣' : symbol))];
  const labels = (indices: readonly number[]): string[] => indices.map((index) => names[index]!);
  return attentionFigures(model, {
    source: task.kind === 'decoder' ? [] : source,
    input,
    sourceLabels: labels(source),
    inputLabels: labels(input),
    outputLabels: labels(target),
  });
}
