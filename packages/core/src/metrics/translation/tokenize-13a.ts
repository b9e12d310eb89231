import { splitAtSpaces } from './n-grams.ts';

const ENTITIES: Readonly<Record<string, string>> = { '&quot;': '"', '&amp;': '&', '&lt;': '<', '&gt;': '>' };

/**
 * Splits a sentence into words and punctuation by NIST's `mteval-v13a`, the tokenization behind published BLEU scores.
 * Every ASCII punctuation mark becomes a token, except apostrophes, hyphens within words, and points and commas within
 * numbers.
 */
export function tokenize13a(sentence: string): string[] {
  let text = sentence.replaceAll('<skipped>', '').replaceAll('-\n', '').replaceAll('\n', ' ');
  for (const [entity, character] of Object.entries(ENTITIES)) text = text.replaceAll(entity, character);
  text = ` ${text} `
    .replace(/[{-~[-` -&(-+:-@/]/gu, ' $& ')
    .replace(/([^0-9])([.,])/gu, '$1 $2 ')
    .replace(/([.,])([^0-9])/gu, ' $1 $2')
    .replace(/([0-9])(-)/gu, '$1 $2 ');
  return splitAtSpaces(text);
}
