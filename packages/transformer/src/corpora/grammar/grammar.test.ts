import { RandomStream } from '@motley/core';
import { trainBpe } from '@motley/core/text';
import { describe, expect, it } from 'vitest';
import { BilingualGrammar, type Translated } from './grammar.ts';
import { ADVERBS, CONJUNCTIONS, MODALS, PERSON_VERBS, PLAIN_VERBS, THING_VERBS } from './words.ts';

const drawn = (count: number, seed = 1): Translated[] => {
  const [grammar, random] = [new BilingualGrammar(), RandomStream.fromSeed(seed)];
  return Array.from({ length: count }, () => grammar.sentence(random));
};

const sentences = drawn(20_000);

/** English that comes in many sentences, and what its translation is to be like. */
const TRANSLATIONS: readonly (readonly [what: string, english: RegExp, german: RegExp])[] = [
  [
    'a particle at the end of a main clause',
    /^(?!.*(?:because|when|although|before)).* opens .*\.$/iu,
    / macht .* auf\.$/u,
  ],
  ['a separable verb in one piece behind a modal verb', / must open /u, /(?:[Mm]uss .*aufmachen|aufmachen muss)/u],
  ['ge after the particle', / has opened /u, /(?:[Hh]at .*aufgemacht|aufgemacht hat)/u],
  ['a verb with a dative, and a weak noun', / thanks the boy/u, /(?:dankt .*dem Jungen|dem Jungen dankt)/u],
  ['a dative of the feminine', / helps my \w+ woman/u, /(?:hilft .*meiner \w+en Frau|meiner \w+en Frau hilft)/u],
  ['an accusative of the masculine', / a red table/u, /einen roten Tisch/u],
  ['the gender of what is meant', /the door because it is/u, /die Tür(?: \w+)*, weil sie \S+ ist\.$/u],
  ['the gender of what is meant', /the letter because it is/u, /den Brief(?: \w+)*, weil er \S+ ist\.$/u],
  ['the gender of what is meant', /the window because it is/u, /das Fenster(?: \w+)*, weil es \S+ ist\.$/u],
  ['words that go together', /^In the evening /u, /^Am Abend /u],
];

describe('bilingual grammar', () => {
  it.each(TRANSLATIONS)('translates %s: %s', (_, english, german) => {
    const found = sentences.filter((pair) => english.test(pair.english));
    expect(found.length).toBeGreaterThan(2);
    for (const pair of found) expect(pair.german).toMatch(german);
  });

  it('has one translation for each English sentence, and one source for each German sentence', () => {
    const [toGerman, toEnglish] = [new Map<string, string>(), new Map<string, string>()];
    for (const { english, german } of sentences) {
      expect(toGerman.get(english) ?? german).toBe(german);
      expect(toEnglish.get(german) ?? english).toBe(english);
      toGerman.set(english, german);
      toEnglish.set(german, english);
    }
    // Most are drawn once: there is enough that was never seen.
    expect(toGerman.size / sentences.length).toBeGreaterThan(0.9);
  });

  it('puts the finite verb last in every subordinate clause, with a comma before or after the clause', () => {
    const finite = finiteVerbs();
    const clauses = sentences.flatMap(({ german }) => subordinateClauses(german));
    expect(clauses.length).toBeGreaterThan(5000);
    for (const clause of clauses) expect([clause, finite.has(clause.split(' ').at(-1)!)]).toEqual([clause, true]);
  });

  it('puts the finite verb second in main clauses', () => {
    const finite = finiteVerbs();
    const conjunctions = new Set(CONJUNCTIONS.map(({ german }) => capitalized(german)));
    const adverbs = ADVERBS.map(({ german }) => capitalized(german));
    const plain = sentences.filter(({ german }) => !german.includes(',') && !conjunctions.has(german.split(' ')[0]!));
    expect(plain.length).toBeGreaterThan(5000);
    let fronted = 0;
    for (const { german } of plain) {
      const adverb = adverbs.find((each) => german.startsWith(`${each} `));
      if (adverb !== undefined) fronted++;
      // Determiner, perhaps an adjective, noun.
      const first = adverb ?? /^\S+( [a-zäöüß]+)? [A-ZÄÖÜ]\S*/u.exec(german)![0];
      const next = german.slice(first.length + 1).split(/[ .]/u)[0]!;
      expect([german, finite.has(next)]).toEqual([german, true]);
    }
    expect(fronted).toBeGreaterThan(1000);
  });

  it('puts the verb directly after an initial subordinate clause', () => {
    const finite = finiteVerbs();
    const conjunctions = CONJUNCTIONS.map(({ german }) => `${capitalized(german)} `);
    const inverted = sentences.filter(({ german }) => conjunctions.some((each) => german.startsWith(each)));
    expect(inverted.length).toBeGreaterThan(1000);
    for (const { german } of inverted) {
      const next = german.split(', ')[1]!.split(' ')[0]!;
      expect([german, finite.has(next)]).toEqual([german, true]);
    }
  });

  it('writes compounds as one word with the gender of the last part', () => {
    const bridges = sentences.filter(({ english }) => english.includes('garden bridge'));
    expect(bridges.length).toBeGreaterThan(20);
    // The object of a verb with the accusative, always.
    for (const { german } of bridges)
      expect(german).toMatch(/\b(?:die|eine|diese|keine|meine) (?:\S+e )?Gartenbrücke\b/iu);
  });

  it('repeats with the same seed, and survives encoding in subwords', () => {
    expect(drawn(100, 5)).toEqual(drawn(100, 5));
    expect(drawn(100, 5)).not.toEqual(drawn(100, 6));
    const texts = sentences.slice(0, 500).flatMap(({ english, german }) => [english, german]);
    const tokenizer = trainBpe(texts, { vocabularySize: 500 });
    for (const text of texts) expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
  });
});

function capitalized(text: string): string {
  return text[0]!.toUpperCase() + text.slice(1);
}

/** Every word that can be a clause's finite verb, with the particle before it where that is not apart. */
function finiteVerbs(): Set<string> {
  const verbs = [...THING_VERBS, ...PERSON_VERBS, ...PLAIN_VERBS].flatMap(({ german, particle = '' }) => [
    german.present,
    particle + german.present,
  ]);
  return new Set([...verbs, ...MODALS.map(({ german }) => german), 'hat', 'ist']);
}

/** Text after a conjunction, up to a comma or the end. */
function subordinateClauses(german: string): string[] {
  const conjunctions = CONJUNCTIONS.map((each) => each.german);
  return german
    .replace(/\.$/u, '')
    .split(', ')
    .flatMap((clause) => {
      const [first = '', ...rest] = clause.split(' ');
      return conjunctions.includes(first.toLowerCase()) ? [rest.join(' ')] : [];
    });
}
