import type { Adjective, Gender, Noun } from './words.ts';

export type Case = 'nominative' | 'accusative' | 'dative';
export const DETERMINERS = ['the', 'a', 'this', 'no', 'my'] as const;
export type Determiner = (typeof DETERMINERS)[number];

const CASES: readonly Case[] = ['nominative', 'accusative', 'dative'];

const row = (masculine: string, feminine: string, neuter: string): Readonly<Record<Gender, readonly string[]>> => {
  const byCase = (text: string): string[] => text.split(' ');
  return { masculine: byCase(masculine), feminine: byCase(feminine), neuter: byCase(neuter) };
};

/** Forms in the nominative, accusative and dative singular. */
const DETERMINER_FORMS: Readonly<Record<Determiner, Readonly<Record<Gender, readonly string[]>>>> = {
  the: row('der den dem', 'die die der', 'das das dem'),
  this: row('dieser diesen diesem', 'diese diese dieser', 'dieses dieses diesem'),
  a: row('ein einen einem', 'eine eine einer', 'ein ein einem'),
  no: row('kein keinen keinem', 'keine keine keiner', 'kein kein keinem'),
  my: row('mein meinen meinem', 'meine meine meiner', 'mein mein meinem'),
};

/** Adjective endings after der and dieser. The other determiners take mixed endings. */
const WEAK_ENDINGS = row('e en en', 'e e en', 'e e en');
const MIXED_ENDINGS = row('er en en', 'e e en', 'es es en');
const PRONOUNS = row('er ihn ihm', 'sie sie ihr', 'es es ihm');

const inCase = (forms: Readonly<Record<Gender, readonly string[]>>, gender: Gender, grammaticalCase: Case): string =>
  forms[gender][CASES.indexOf(grammaticalCase)]!;

/** Noun phrase of determiner, adjective and noun, declined. */
export function declined(
  determiner: Determiner,
  adjective: Adjective | undefined,
  noun: Noun,
  grammaticalCase: Case,
): string {
  const endings = determiner === 'the' || determiner === 'this' ? WEAK_ENDINGS : MIXED_ENDINGS;
  const words = [inCase(DETERMINER_FORMS[determiner], noun.gender, grammaticalCase)];
  if (adjective !== undefined) words.push(adjective.german + inCase(endings, noun.gender, grammaticalCase));
  const isInflected = noun.isWeak === true && grammaticalCase !== 'nominative';
  words.push(noun.german + (isInflected ? (noun.german.endsWith('e') || noun.german.endsWith('r') ? 'n' : 'en') : ''));
  return words.join(' ');
}

/** Personal pronoun for a noun of a grammatical gender. */
export function pronoun(gender: Gender, grammaticalCase: Case): string {
  return inCase(PRONOUNS, gender, grammaticalCase);
}
