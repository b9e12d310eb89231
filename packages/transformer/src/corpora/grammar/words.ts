/** Words of the bilingual grammar. Each English word has one translation. */

export type Gender = 'masculine' | 'feminine' | 'neuter';

/** A noun in the singular. Weak masculines (`den Jungen`) end in n except in the nominative. */
export interface Noun {
  readonly english: string;
  readonly german: string;
  readonly gender: Gender;
  readonly isWeak?: boolean;
}

export interface Adjective {
  readonly english: string;
  readonly german: string;
}

/** A verb in the third person singular. `particle` ends a main clause, and precedes a final verb. */
export interface Verb {
  readonly english: { readonly infinitive: string; readonly present: string; readonly participle: string };
  readonly german: { readonly infinitive: string; readonly present: string; readonly participle: string };
  readonly particle?: string;
  /** Case of the object; undefined for verbs without one. */
  readonly objectCase?: 'accusative' | 'dative';
}

const noun = (english: string, german: string, gender: Gender, isWeak = false): Noun => ({
  english,
  german,
  gender,
  isWeak,
});

/** Nouns for persons: subjects, and objects of `PERSON_VERBS`. */
export const PEOPLE: readonly Noun[] = [
  noun('man', 'Mann', 'masculine'),
  noun('woman', 'Frau', 'feminine'),
  noun('child', 'Kind', 'neuter'),
  noun('boy', 'Junge', 'masculine', true),
  noun('girl', 'Mädchen', 'neuter'),
  noun('teacher', 'Lehrer', 'masculine'),
  noun('nurse', 'Krankenschwester', 'feminine'),
  noun('neighbour', 'Nachbar', 'masculine', true),
  noun('doctor', 'Arzt', 'masculine'),
  noun('daughter', 'Tochter', 'feminine'),
  noun('student', 'Student', 'masculine', true),
  noun('baby', 'Baby', 'neuter'),
];

export const THINGS: readonly Noun[] = [
  noun('door', 'Tür', 'feminine'),
  noun('table', 'Tisch', 'masculine'),
  noun('window', 'Fenster', 'neuter'),
  noun('book', 'Buch', 'neuter'),
  noun('letter', 'Brief', 'masculine'),
  noun('lamp', 'Lampe', 'feminine'),
  noun('car', 'Auto', 'neuter'),
  noun('chair', 'Stuhl', 'masculine'),
  noun('bottle', 'Flasche', 'feminine'),
  noun('key', 'Schlüssel', 'masculine'),
  noun('picture', 'Bild', 'neuter'),
  noun('clock', 'Uhr', 'feminine'),
  noun('shop', 'Laden', 'masculine'),
  noun('bridge', 'Brücke', 'feminine'),
  noun('box', 'Kiste', 'feminine'),
  noun('house', 'Haus', 'neuter'),
];

/** First parts of compounds, with their linking letters: garden door, `Gartentür`. */
export const COMPOUND_PARTS: readonly { readonly english: string; readonly german: string }[] = [
  { english: 'garden', german: 'Garten' },
  { english: 'kitchen', german: 'Küchen' },
  { english: 'school', german: 'Schul' },
  { english: 'toy', german: 'Spielzeug' },
  { english: 'glass', german: 'Glas' },
  { english: 'work', german: 'Arbeits' },
  { english: 'winter', german: 'Winter' },
  { english: 'wood', german: 'Holz' },
];

export const ADJECTIVES: readonly Adjective[] = [
  { english: 'old', german: 'alt' },
  { english: 'young', german: 'jung' },
  { english: 'small', german: 'klein' },
  { english: 'big', german: 'groß' },
  { english: 'new', german: 'neu' },
  { english: 'beautiful', german: 'schön' },
  { english: 'heavy', german: 'schwer' },
  { english: 'red', german: 'rot' },
  { english: 'quiet', german: 'still' },
  { english: 'strange', german: 'seltsam' },
];

const verb = (english: string, german: string, more: Pick<Verb, 'particle' | 'objectCase'> = {}): Verb => {
  const forms = (text: string): Verb['english'] => {
    const [infinitive = '', present = '', participle = ''] = text.split(', ');
    return { infinitive, present, participle };
  };
  return { english: forms(english), german: forms(german), ...more };
};

const accusative = { objectCase: 'accusative' } as const;
const dative = { objectCase: 'dative' } as const;

/** Verbs whose object is a thing. */
export const THING_VERBS: readonly Verb[] = [
  verb('see, sees, seen', 'sehen, sieht, gesehen', accusative),
  verb('buy, buys, bought', 'kaufen, kauft, gekauft', accusative),
  verb('find, finds, found', 'finden, findet, gefunden', accusative),
  verb('clean, cleans, cleaned', 'putzen, putzt, geputzt', accusative),
  verb('carry, carries, carried', 'tragen, trägt, getragen', accusative),
  verb('open, opens, opened', 'machen, macht, gemacht', { ...accusative, particle: 'auf' }),
  verb('close, closes, closed', 'machen, macht, gemacht', { ...accusative, particle: 'zu' }),
  verb('bring along, brings along, brought along', 'bringen, bringt, gebracht', { ...accusative, particle: 'mit' }),
  verb('look at, looks at, looked at', 'sehen, sieht, gesehen', { ...accusative, particle: 'an' }),
  verb('throw away, throws away, thrown away', 'werfen, wirft, geworfen', { ...accusative, particle: 'weg' }),
];

/** Verbs whose object is a person. */
export const PERSON_VERBS: readonly Verb[] = [
  verb('know, knows, known', 'kennen, kennt, gekannt', accusative),
  verb('visit, visits, visited', 'besuchen, besucht, besucht', accusative),
  verb('help, helps, helped', 'helfen, hilft, geholfen', dative),
  verb('thank, thanks, thanked', 'danken, dankt, gedankt', dative),
  verb('answer, answers, answered', 'antworten, antwortet, geantwortet', dative),
  verb('call, calls, called', 'rufen, ruft, gerufen', { ...accusative, particle: 'an' }),
  verb('pick up, picks up, picked up', 'holen, holt, geholt', { ...accusative, particle: 'ab' }),
  verb('listen to, listens to, listened to', 'hören, hört, gehört', { ...dative, particle: 'zu' }),
];

/** Verbs without an object; their perfect takes `haben`. */
export const PLAIN_VERBS: readonly Verb[] = [
  verb('sleep, sleeps, slept', 'schlafen, schläft, geschlafen'),
  verb('laugh, laughs, laughed', 'lachen, lacht, gelacht'),
  verb('work, works, worked', 'arbeiten, arbeitet, gearbeitet'),
  verb('wait, waits, waited', 'warten, wartet, gewartet'),
  verb('shop, shops, shopped', 'kaufen, kauft, gekauft', { particle: 'ein' }),
];

export const ADVERBS: readonly { readonly english: string; readonly german: string }[] = [
  { english: 'today', german: 'heute' },
  { english: 'now', german: 'jetzt' },
  { english: 'often', german: 'oft' },
  { english: 'sometimes', german: 'manchmal' },
  { english: 'here', german: 'hier' },
  { english: 'in the evening', german: 'am Abend' },
];

export const MODALS: readonly { readonly english: string; readonly german: string }[] = [
  { english: 'must', german: 'muss' },
  { english: 'can', german: 'kann' },
  { english: 'wants to', german: 'will' },
  { english: 'should', german: 'soll' },
];

export const CONJUNCTIONS: readonly { readonly english: string; readonly german: string }[] = [
  { english: 'because', german: 'weil' },
  { english: 'when', german: 'wenn' },
  { english: 'although', german: 'obwohl' },
  { english: 'before', german: 'bevor' },
];
