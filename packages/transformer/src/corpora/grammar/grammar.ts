import type { RandomStream } from '@motley/core';
import { DETERMINERS, declined, pronoun, type Case, type Determiner } from './german.ts';
import {
  ADJECTIVES,
  ADVERBS,
  COMPOUND_PARTS,
  CONJUNCTIONS,
  MODALS,
  PEOPLE,
  PERSON_VERBS,
  PLAIN_VERBS,
  THINGS,
  THING_VERBS,
  type Adjective,
  type Noun,
  type Verb,
} from './words.ts';

/** A sentence in both languages. */
export interface Translated {
  readonly english: string;
  readonly german: string;
}

/** Noun phrase; the noun may be a compound. */
interface NounPhrase {
  readonly determiner: Determiner;
  readonly adjective: Adjective | undefined;
  readonly noun: Noun;
}

type VerbForm = 'present' | 'perfect' | (typeof MODALS)[number];

/** Content of a clause, before either language orders its words. */
interface Clause {
  readonly subject: NounPhrase;
  readonly verb: Verb;
  readonly form: VerbForm;
  readonly object: NounPhrase | undefined;
  readonly adverb: (typeof ADVERBS)[number] | undefined;
  /** Whether the adverb comes first; in German the verb follows it. */
  readonly isFronted: boolean;
}

/**
 * Draws English sentences with their German translations, correct by construction. Each English sentence has one
 * translation. The sentences cover difficult parts of German: three genders and three cases of articles, adjectives and
 * weak nouns; verb-second main clauses and verb-final subordinate clauses; separable verbs; verbs with a dative object;
 * compounds; and pronouns that agree with a noun's gender.
 */
export class BilingualGrammar {
  /** Draws a sentence. */
  sentence(random: RandomStream): Translated {
    const choose = chooser(random);
    const main = clause(choose);
    const kind = choose(['plain', 'plain', 'subordinate', 'reason'] as const);
    const [english, german] =
      kind === 'subordinate'
        ? withSubordinate(main, choose)
        : kind === 'reason' && main.object !== undefined
          ? withReason(main, main.object, choose)
          : [englishClause(main), mainClause(main)];
    return { english: finish(english), german: finish(german) };
  }
}

type Choose = <Item>(items: readonly Item[]) => Item;

function chooser(random: RandomStream): Choose {
  return (items) => items[random.integers(1, 0, items.length)[0]!]!;
}

function clause(choose: Choose): Clause {
  const [verbs, objects] = choose([
    [THING_VERBS, THINGS],
    [THING_VERBS, THINGS],
    [PERSON_VERBS, PEOPLE],
    [PLAIN_VERBS, undefined],
  ] as const);
  const adverb = choose([true, false]) ? choose(ADVERBS) : undefined;
  const form = choose(['present', 'present', 'perfect', 'modal'] as const);
  return {
    subject: nounPhrase(choose, PEOPLE),
    verb: choose<Verb>(verbs),
    form: form === 'modal' ? choose(MODALS) : form,
    object: objects === undefined ? undefined : nounPhrase(choose, objects),
    adverb,
    isFronted: adverb !== undefined && choose([true, false]),
  };
}

function nounPhrase(choose: Choose, nouns: readonly Noun[]): NounPhrase {
  const noun = choose(nouns);
  const part = nouns === THINGS && choose([true, false, false]) ? choose(COMPOUND_PARTS) : undefined;
  return {
    determiner: choose(DETERMINERS),
    adjective: choose([true, false]) ? choose(ADJECTIVES) : undefined,
    noun: part === undefined ? noun : compound(part, noun),
  };
}

function compound(part: (typeof COMPOUND_PARTS)[number], { english, german, gender }: Noun): Noun {
  return { english: `${part.english} ${english}`, german: part.german + german.toLowerCase(), gender };
}

/** Main clause and subordinate clause, in either order. */
function withSubordinate(main: Clause, choose: Choose): readonly [string, string] {
  const conjunction = choose(CONJUNCTIONS);
  const second = { ...clause(choose), isFronted: false };
  const english = `${conjunction.english} ${englishClause(second)}`;
  const german = `${conjunction.german} ${subordinateClause(second)}`;
  if (choose([true, false])) return [`${englishClause(main)} ${english}`, `${mainClause(main)}, ${german}`];
  // The clause that comes first takes the place before the verb.
  return [`${english}, ${englishClause({ ...main, isFronted: false })}`, `${german}, ${invertedClause(main)}`];
}

/** Main clause and a reason (`… because it is old`); in German the pronoun has the gender of its noun. */
function withReason(main: Clause, { noun }: NounPhrase, choose: Choose): readonly [string, string] {
  const { english, german } = choose(ADJECTIVES);
  const isPerson = PEOPLE.includes(noun);
  const subject = isPerson ? `the ${noun.english}` : 'it';
  const germanSubject = isPerson ? declined('the', undefined, noun, 'nominative') : pronoun(noun.gender, 'nominative');
  return [
    `${englishClause(main)} because ${subject} is ${english}`,
    `${mainClause(main)}, weil ${germanSubject} ${german} ist`,
  ];
}

function englishClause({ subject, verb, form, object, adverb, isFronted }: Clause): string {
  const { infinitive, present, participle } = verb.english;
  const predicate =
    form === 'present' ? present : form === 'perfect' ? `has ${participle}` : `${form.english} ${infinitive}`;
  const words = [englishPhrase(subject), predicate, object && englishPhrase(object)];
  return joined(isFronted ? [adverb?.english, ...words] : [...words, adverb?.english]);
}

function englishPhrase({ determiner, adjective, noun }: NounPhrase): string {
  const words = joined([adjective?.english, noun.english]);
  const article = determiner === 'a' && /^[aeiou]/u.test(words) ? 'an' : determiner;
  return `${article} ${words}`;
}

/** Verb-second clause. */
function mainClause(clause: Clause): string {
  const { adverb, isFronted } = clause;
  const { subject, finite, rest } = germanParts(clause);
  return isFronted
    ? joined([adverb?.german, finite, subject, ...rest])
    : joined([subject, finite, adverb?.german, ...rest]);
}

/** Clause after a subordinate clause: verb first, then subject. */
function invertedClause(clause: Clause): string {
  const { subject, finite, rest } = germanParts(clause);
  return joined([finite, subject, clause.adverb?.german, ...rest]);
}

/** Verb-final clause. */
function subordinateClause(clause: Clause): string {
  const { subject, finite, rest, particle } = germanParts(clause, true);
  return joined([subject, clause.adverb?.german, ...rest, (particle ?? '') + finite]);
}

function germanParts({ subject, verb, form, object }: Clause, isFiniteLast = false) {
  const { infinitive, present, participle } = verb.german;
  const { particle } = verb;
  const phrase = ({ determiner, adjective, noun }: NounPhrase, grammaticalCase: Case): string =>
    declined(determiner, adjective, noun, grammaticalCase);
  const objectPhrase = object && phrase(object, verb.objectCase!);
  const [finite, ending] =
    form === 'present'
      ? [present, isFiniteLast ? undefined : particle]
      : form === 'perfect'
        ? ['hat', (particle ?? '') + participle]
        : [form.german, (particle ?? '') + infinitive];
  return {
    subject: phrase(subject, 'nominative'),
    finite,
    rest: [objectPhrase, ending],
    particle: isFiniteLast && form === 'present' ? particle : undefined,
  };
}

function joined(words: readonly (string | undefined)[]): string {
  return words.filter((word) => word !== undefined && word !== '').join(' ');
}

function finish(sentence: string): string {
  return `${sentence[0]!.toUpperCase()}${sentence.slice(1)}.`;
}
