import type { SentencePair } from '../corpora/sentence-pair.ts';

export const sentence = (english: string, german: string): SentencePair => ({ english, german, kind: 'sentence' });
export const phrase = (english: string, german: string): SentencePair => ({ english, german, kind: 'phrase' });

const SUBJECTS = [
  ['The man', 'Der Mann'],
  ['The woman', 'Die Frau'],
  ['The child', 'Das Kind'],
] as const;
const VERBS = [
  ['sees', 'sieht'],
  ['finds', 'findet'],
  ['paints', 'malt'],
] as const;
const OBJECTS = [
  ['a house', 'ein Haus'],
  ['a dog', 'einen Hund'],
  ['a lamp', 'eine Lampe'],
] as const;

/** All 27 sentences of three subjects, three verbs and three objects. */
export const SMALL_PAIRS: readonly SentencePair[] = SUBJECTS.flatMap(([subject, subjekt]) =>
  VERBS.flatMap(([verb, tuwort]) =>
    OBJECTS.map(([object, objekt]) => sentence(`${subject} ${verb} ${object}.`, `${subjekt} ${tuwort} ${objekt}.`)),
  ),
);
