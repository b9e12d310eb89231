import { splitAtSpaces } from './n-grams.ts';

const ENTITIES: Readonly<Record<string, string>> = { '&quot;': '"', '&amp;': '&', '&lt;': '<', '&gt;': '>' };

/**
 * The words and marks of a sentence as NIST's `mteval-v13a` tells them apart, which published BLEU is counted on:
 * ASCII's marks stand alone, but for the apostrophe and a hyphen within words, and points and commas within numbers.
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
