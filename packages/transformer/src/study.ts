import type { Study } from '@motley/core/node';
import type { TransformerConfig } from './config.ts';

const columns: Study<TransformerConfig>['columns'] = [
  { heading: 'loss, nats per symbol', metric: 'test.loss', digits: 4 },
  { heading: 'BLEU', metric: 'test.bleu', digits: 2 },
  { heading: 'chrF', metric: 'test.chrf', digits: 2 },
  { heading: 'exact, %', metric: 'test.exact', scale: 100, digits: 2 },
  { heading: 'seconds', value: ({ wallTimeInSeconds }) => wallTimeInSeconds, digits: 0 },
];

/** What the README's table of translations is made of. */
export const studies: Readonly<Record<'grammar' | 'translation', Study<TransformerConfig>>> = {
  grammar: {
    description: 'the grammar with three seeds',
    variants: { grammar: { description: 'the grammar', preset: 'grammar', timeInMinutes: 5 } },
    columns,
  },
  translation: {
    description: "Debian's dictionary, with phrases to learn from and without",
    variants: {
      all: { description: 'sentences and phrases', preset: 'translation', timeInMinutes: 15 },
      sentences: {
        description: 'sentences alone',
        preset: 'translation',
        config: { data: { phrases: false } },
        timeInMinutes: 15,
      },
    },
    columns,
  },
};
