import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { shown, UserError } from '@motley/run';
import { loadLines } from '@motley/run/node';
import { wordsOf } from '../vocabulary.ts';
import type { Corpus, CorpusText } from './corpus.ts';

/** Where Debian's package `fortunes` puts its files. */
const FOLDER = '/usr/share/games/fortunes';
const LARGEST_FILE_IN_BYTES = 2 ** 24;
/** Shorter ones are a name or a sigh. */
const FEWEST_WORDS = 4;

/**
 * Reads files of `fortune-mod`, whose texts are separated by lines of a single `%`. The topic is the name of the file. A
 * text that stands in several files is left out, as is one of fewer than four words.
 * @param folder default: that of Debian's package `fortunes`
 * @throws UserError naming the folder, or a topic that has no file there
 */
export async function loadFortunes(topics: readonly string[], folder = FOLDER): Promise<Corpus> {
  const names = await readdir(folder).catch((error: unknown) => {
    const cure = folder === FOLDER ? '; `apt-get install fortunes` has them, --data names another folder' : '';
    throw new UserError(`${folder}: expected a folder of fortunes, found none${cure}`, { cause: error });
  });
  const missing = topics.find((topic) => !names.includes(topic));
  if (missing !== undefined)
    throw new UserError(`${folder}: expected a file for each of data.topics, found none named ${shown(missing)}`);
  const seen = new Map<string, CorpusText | undefined>();
  for (const [label, topic] of topics.entries())
    for (const text of fortunesOf(await loadLines(join(folder, topic), { maxBytes: LARGEST_FILE_IN_BYTES }))) {
      const words = wordsOf(text);
      const key = words.join(' ');
      const known = seen.get(key);
      if (words.length < FEWEST_WORDS || known?.label === label) continue;
      seen.set(key, seen.has(key) ? undefined : { words, label, speaker: topic });
    }
  return { classNames: topics, texts: [...seen.values()].filter((text) => text !== undefined) };
}

/** Texts between lines of a single `%`. */
function fortunesOf(lines: readonly string[]): string[] {
  const texts: string[][] = [[]];
  for (const line of lines) {
    if (line.trimEnd() === '%') texts.push([]);
    else texts.at(-1)!.push(line);
  }
  return texts.map((each) => each.join('\n').trim()).filter((text) => text !== '');
}
