import { join } from 'node:path';
import { UserError } from '@motley/run';
import { loadParallelText } from '@motley/run/node';
import type { SentencePair } from './sentence-pair.ts';

/** Published files of the translation task (Elliott et al., 2016), and their numbers of lines. */
const PARTS = {
  training: { name: 'train', lines: 29_000 },
  validation: { name: 'val', lines: 1014 },
  test: { name: 'test_2016_flickr', lines: 1000 },
} as const;

/**
 * Loads Multi30k from a folder with `train`, `val` and `test_2016_flickr`, each as `.en` and `.de`.
 * @throws UserError if a file is missing, has another number of lines, or has an empty line
 */
export async function loadMulti30k(
  folder: string | undefined,
): Promise<Record<keyof typeof PARTS, readonly SentencePair[]>> {
  if (folder === undefined)
    throw new UserError(
      "--data: expected the folder with Multi30k's train.en, train.de, val.en … (data.source multi30k)",
    );
  const load = async (part: keyof typeof PARTS): Promise<readonly SentencePair[]> => {
    const { name, lines } = PARTS[part];
    const [source, target] = [join(folder, `${name}.en`), join(folder, `${name}.de`)];
    const text = await loadParallelText(source, target);
    if (text.source.length !== lines)
      throw new UserError(`${source}: expected the ${lines} lines of Multi30k, found ${text.source.length}`);
    return text.source.map((english, index) => {
      const german = text.target[index]!.trim();
      const empty = english.trim() === '' ? source : german === '' ? target : undefined;
      if (empty !== undefined)
        throw new UserError(`${empty}: line ${index + 1}: expected a sentence, found an empty line`);
      return { english: english.trim(), german, kind: 'sentence' };
    });
  };
  return { training: await load('training'), validation: await load('validation'), test: await load('test') };
}
