import type { Study } from '@motley/run/node';
import type { TransformerConfig } from './config.ts';

const columns: Study<TransformerConfig>['columns'] = [
  { heading: 'loss, nats per symbol', metric: 'test.loss', digits: 4 },
  { heading: 'BLEU', metric: 'test.bleu', digits: 2 },
  { heading: 'chrF', metric: 'test.chrf', digits: 2 },
  { heading: 'exact, %', metric: 'test.exact', scale: 100, digits: 2 },
];

/** Studies behind the tables of the README and docs/results.md. */
export const studies: Readonly<Record<'grammar' | 'translation' | 'playground', Study<TransformerConfig>>> = {
  grammar: {
    description: 'bilingual grammar, three seeds',
    variants: { grammar: { description: 'bilingual grammar', preset: 'grammar', timeInMinutes: 6 } },
    columns,
  },
  translation: {
    description: "Debian's dictionary, trained with and without phrases",
    variants: {
      all: { description: 'sentences and phrases', preset: 'translation', timeInMinutes: 45 },
      sentences: {
        description: 'sentences only',
        preset: 'translation',
        config: { data: { phrases: false } },
        timeInMinutes: 45,
      },
    },
    columns,
  },
  playground: {
    description: 'toy tasks: exact answers to held-out questions, up to twice as long as in training',
    variants: {
      copy: { description: 'copy', preset: 'copy', timeInMinutes: 1 },
      reverse: { description: 'reverse', preset: 'reverse', timeInMinutes: 1 },
      sort: { description: 'sort', preset: 'sort', timeInMinutes: 1 },
      addition: { description: 'addition', preset: 'addition', timeInMinutes: 2 },
      characters: { description: 'character language model', preset: 'characters', timeInMinutes: 2 },
    },
    columns: [
      { heading: 'exact, %', metric: 'test.exact', scale: 100, digits: 2 },
      { heading: 'one longer, %', metric: 'test.exactOneLonger', scale: 100, digits: 1 },
      { heading: 'up to twice as long, %', metric: 'test.exactLonger', scale: 100, digits: 1 },
      { heading: 'loss, nats per symbol', metric: 'test.loss', digits: 4 },
    ],
    // Baselines differ between tasks; each run has its own.
    baselineRows: false,
  },
};
