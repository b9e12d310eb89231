import { join } from 'node:path';
import { writeFileAtomically } from '@motley/run/node';
import { lengthOf } from './batches.ts';
import type { TransformerConfig } from './config.ts';
import { encodePairs, type TranslationData } from './data.ts';
import { FRAME } from './vocabulary.ts';

/**
 * Writes the files that another program needs to train on the same data. `pairs.json` has the encoded pairs of training
 * (up to `data.maxSymbols`), validation and test, without begin and end symbols, and the test references.
 * `vocabulary.json` has the tokenizer.
 * @returns path of `pairs.json`
 */
export async function exportPairs(
  folder: string,
  { data }: TransformerConfig,
  pairs: TranslationData,
): Promise<string> {
  const { tokenizer } = pairs;
  const training = encodePairs(pairs.training, tokenizer).filter((pair) => lengthOf(pair) <= data.maxSymbols);
  const contents = {
    vocabularySize: tokenizer.vocabularySize,
    ...FRAME,
    training,
    validation: encodePairs(pairs.validation, tokenizer),
    test: encodePairs(pairs.test, tokenizer),
    references: pairs.test.map(({ german }) => german),
  };
  await writeFileAtomically(join(folder, 'vocabulary.json'), `${JSON.stringify(tokenizer)}\n`);
  const path = join(folder, 'pairs.json');
  await writeFileAtomically(path, `${JSON.stringify(contents)}\n`);
  return path;
}
