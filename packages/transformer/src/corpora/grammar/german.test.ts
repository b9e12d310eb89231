import { describe, expect, it } from 'vitest';
import { declined, pronoun, type Case, type Determiner } from './german.ts';
import type { Noun } from './words.ts';

const man: Noun = { english: 'man', german: 'Mann', gender: 'masculine' };
const woman: Noun = { english: 'woman', german: 'Frau', gender: 'feminine' };
const child: Noun = { english: 'child', german: 'Kind', gender: 'neuter' };
const weak = (german: string): Noun => ({ english: '', german, gender: 'masculine', isWeak: true });
const old = { english: 'old', german: 'alt' };

const CASES: readonly Case[] = ['nominative', 'accusative', 'dative'];

/** Duden, "Die Grammatik" (2016), on the declension of adjectives: weak after der and dieser, mixed after ein, kein, mein. */
const PARADIGMS: readonly (readonly [Determiner, Noun, readonly string[]])[] = [
  ['the', man, ['der alte Mann', 'den alten Mann', 'dem alten Mann']],
  ['the', woman, ['die alte Frau', 'die alte Frau', 'der alten Frau']],
  ['the', child, ['das alte Kind', 'das alte Kind', 'dem alten Kind']],
  ['this', man, ['dieser alte Mann', 'diesen alten Mann', 'diesem alten Mann']],
  ['this', woman, ['diese alte Frau', 'diese alte Frau', 'dieser alten Frau']],
  ['this', child, ['dieses alte Kind', 'dieses alte Kind', 'diesem alten Kind']],
  ['a', man, ['ein alter Mann', 'einen alten Mann', 'einem alten Mann']],
  ['a', woman, ['eine alte Frau', 'eine alte Frau', 'einer alten Frau']],
  ['a', child, ['ein altes Kind', 'ein altes Kind', 'einem alten Kind']],
  ['no', man, ['kein alter Mann', 'keinen alten Mann', 'keinem alten Mann']],
  ['no', woman, ['keine alte Frau', 'keine alte Frau', 'keiner alten Frau']],
  ['no', child, ['kein altes Kind', 'kein altes Kind', 'keinem alten Kind']],
  ['my', man, ['mein alter Mann', 'meinen alten Mann', 'meinem alten Mann']],
  ['my', woman, ['meine alte Frau', 'meine alte Frau', 'meiner alten Frau']],
  ['my', child, ['mein altes Kind', 'mein altes Kind', 'meinem alten Kind']],
];

describe('German phrases', () => {
  it.each(PARADIGMS)('decline as the grammar book has it: %s, $german', (determiner, noun, forms) => {
    expect(CASES.map((each) => declined(determiner, old, noun, each))).toEqual(forms);
    const bare = forms.map((form) => form.replace(/ alte[rns]? /u, ' '));
    expect(CASES.map((each) => declined(determiner, undefined, noun, each))).toEqual(bare);
  });

  it.each([
    ['Junge', 'Jungen'],
    ['Nachbar', 'Nachbarn'],
    ['Student', 'Studenten'],
  ])('end weak nouns with an n but in the nominative: %s', (nominative, others) => {
    const forms = CASES.map((each) => declined('the', undefined, weak(nominative), each));
    expect(forms).toEqual([`der ${nominative}`, `den ${others}`, `dem ${others}`]);
  });
});

describe('pronouns', () => {
  it.each([
    ['masculine', ['er', 'ihn', 'ihm']],
    ['feminine', ['sie', 'sie', 'ihr']],
    ['neuter', ['es', 'es', 'ihm']],
  ] as const)('have the gender of what they stand for: %s', (gender, forms) => {
    expect(CASES.map((each) => pronoun(gender, each))).toEqual(forms);
  });
});
