import { Grammar, type GrammarRules } from '@motley/core/generators';

const wordsOf = (text: string): string[] => text.split(' ');

const DIGITS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
const NOUNS = wordsOf(
  'window box bottle letter table lamp key basket picture hammer blanket bucket engine camera ' +
    'curtain drawer bicycle violin pencil jacket mirror ladder kettle guitar magazine pillow shovel ' +
    'umbrella wallet carpet candle trophy',
);
const PEOPLE = [
  'anna',
  'peter',
  'maria',
  'robert',
  'susan',
  'david',
  'helen',
  'thomas',
  'julia',
  'george',
  'emma',
  'victor',
  'my mother',
  'my brother',
  'our teacher',
  'the doctor',
  'the farmer',
  'her neighbor',
  'your cousin',
  'the judge',
];

/** Rules of the grammar. */
export const speechRules: GrammarRules = {
  S: [
    ['Request', 3],
    ['Appointment', 3],
    ['Report', 4],
    ['Question', 2],
    ['Number', 1],
  ],
  Request: ['Manner Act the Thing Place', 'Manner bring me the Thing', 'Manner give the Thing to Person'],
  Manner: [['please', 2], 'kindly', 'now', "don't"],
  Act: ['open', 'close', 'clean', 'find', 'move', 'paint', 'hide', 'check', 'fetch', 'wrap', 'measure', 'push'],
  Thing: ['Noun', ['Adjective Noun', 2]],
  Adjective: wordsOf(
    'old small heavy yellow green broken wooden silver dirty empty purple cheap round square famous ' + 'strange',
  ),
  Noun: NOUNS,
  Place: ['Near the Room', 'on the left', 'on the right', 'over there', 'before Hour', 'by Day'],
  Near: ['in', 'behind', 'near', 'beside', 'outside'],
  Room: wordsOf('kitchen garden garage bedroom office station workshop cellar library museum school market'),
  Appointment: [
    'meet Person Near the Room on Day',
    'meet Person at Hour on Day',
    'Owner Vehicle leaves at Hour',
    'call Person on Day before Clock',
  ],
  Vehicle: ['train', 'bus', 'flight', 'boat'],
  Hour: ['Clock', 'half past Clock', 'quarter past Clock', "Clock o'clock"],
  Clock: [...DIGITS.slice(1), 'ten', 'eleven', 'twelve'],
  Day: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'],
  Report: ['Person Verb the Thing Time', 'the Noun and the Noun were Adjective', 'Person was Feeling Near the Room'],
  Verb: wordsOf(
    'bought sold carried dropped painted forgot borrowed repaired stole found lost wanted noticed ' +
      'returned ordered ruined',
  ),
  Feeling: ['happy', 'tired', 'hungry', 'angry', 'thirsty', 'lucky', 'nervous', 'quiet', 'worried', 'cheerful'],
  Time: ['yesterday', 'today', 'last week', 'last month', 'this afternoon', 'a year ago', 'every Day'],
  Person: PEOPLE,
  Owner: PEOPLE.map((person) => `${person}'s`),
  Question: ['where is Owner Thing', 'did Person see the Thing Time', "isn't Owner Noun Adjective"],
  Number: ['dial Digit Digit Digit Digit Digit', 'room Digit Digit Digit Digit is free'],
  Digit: DIGITS,
};

/**
 * Everyday sentences of 3 to 9 words: requests, appointments, reports, questions and numbers. No sentence has two
 * derivations, so `entropyInNats` is the exact entropy of a sentence.
 */
export function speechGrammar(): Grammar {
  return new Grammar(speechRules, 'S');
}
