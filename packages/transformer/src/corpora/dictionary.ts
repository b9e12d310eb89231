import { largest, smallest } from '@motley/run';
import type { SentencePair } from './sentence-pair.ts';

/** Parsed dictionary. */
export interface Dictionary {
  /** Sentences and phrases, one for each English text. */
  readonly pairs: readonly SentencePair[];
  /** Most frequent German word of each lower-case English word. */
  readonly words: ReadonlyMap<string, string>;
}

/** Annotations: word class, field, region, register, other spellings, notes on the meaning. */
const ANNOTATIONS = /\{[^}]*\}|\[[^\]]*\]|<[^>]*>|\([^()]*\)/gu;
/** Placeholders for people and things, and choices: `etw.`, `sb.`, `sich/mich`. */
const PATTERNS = /(?:^|[\s'’])(?:etw|jds|jdm|jdn|jd|sth|sb|sb’s|sth’s)(?:$|[\s.,;:!?’'/])|\/|\.\.\.|…/u;

/**
 * Parses the English–German dictionary of TU Chemnitz in the format of Debian's `trans-de-en`. A line is
 * `German | more German :: English | more English`. Parts between `|` correspond; `;` separates synonyms, of which the
 * first makes the pair. Patterns (with `etw.` or `sb.`), single words and repeated English texts make no pair.
 */
export function parseDictionary(text: string): Dictionary {
  const pairs = new Map<string, SentencePair>();
  const words = new Map<string, Map<string, number>>();
  for (const { englishes, germans } of parts(text)) {
    for (const each of englishes) {
      const word = each.replace(/^to /u, '').toLowerCase();
      if (word === '' || word.includes(' ')) continue;
      const translations = words.get(word) ?? new Map<string, number>();
      words.set(word, translations);
      // Synonyms share one count.
      const share = 1 / (englishes.length * germans.length);
      for (const german of germans)
        if (german !== '' && !german.includes(' ')) translations.set(german, (translations.get(german) ?? 0) + share);
    }
    const [english, german] = [englishes[0]!, germans[0]!];
    const lengths = [german, english].map((side) => side.split(' ').length);
    const [shorter, longer] = [smallest(lengths), largest(lengths)];
    if (shorter < 2 || longer > 3 * shorter || pairs.has(english)) continue;
    const isSentence = [german, english].every((side) => /[.!?]["”“']?$/u.test(side));
    pairs.set(english, { english, german, kind: isSentence ? 'sentence' : 'phrase' });
  }
  const translated = Array.from(words).filter(([, translations]) => translations.size > 0);
  return {
    pairs: [...pairs.values()],
    words: new Map(translated.map(([word, translations]) => [word, mostFrequent(translations)])),
  };
}

interface Part {
  readonly englishes: readonly string[];
  readonly germans: readonly string[];
}

/** Corresponding parts: the synonyms in each language, without annotations. Patterns are left out. */
function* parts(text: string): Generator<Part> {
  for (const line of text.split('\n')) {
    if (line.startsWith('#')) continue;
    const [germanSide, englishSide, ...more] = line.split(' :: ');
    if (germanSide === undefined || englishSide === undefined || more.length > 0) continue;
    const [germans, englishes] = [germanSide.split('|'), englishSide.split('|')];
    if (germans.length !== englishes.length) continue;
    for (const [index, each] of germans.entries()) {
      const part = { germans: synonyms(each), englishes: synonyms(englishes[index]!) };
      if (![part.germans[0]!, part.englishes[0]!].some((first) => PATTERNS.test(first))) yield part;
    }
  }
}

function synonyms(side: string): string[] {
  return side
    .replaceAll(ANNOTATIONS, ' ')
    .split(';')
    .map((synonym) =>
      synonym
        .normalize('NFC')
        .replaceAll('’', "'")
        .replaceAll(/\s+/gu, ' ')
        .replaceAll(/ ([.,!?])/gu, '$1')
        .trim(),
    );
}

/** Most frequent key; the first on ties. */
function mostFrequent(counts: ReadonlyMap<string, number>): string {
  let best: readonly [string, number] = ['', 0];
  for (const entry of counts) if (entry[1] > best[1]) best = entry;
  return best[0];
}
