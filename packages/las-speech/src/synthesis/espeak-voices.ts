import type { Voice } from './synthesizer.ts';

/** English accents. Of other languages, the language itself is the one accent. */
const ENGLISH_ACCENTS = [
  'en-gb',
  'en-us',
  'en-gb-scotland',
  'en-gb-x-gbclan',
  'en-gb-x-rp',
  'en-gb-x-gbcwmd',
  'en-029',
  'en-us-nyc',
];

/**
 * Variants that are left out. Twenty words were matched by dynamic time warping with those of three other voices. The
 * words of these variants were recognized at 5, 15, 35 and 45 %; those of the others at 75 % or more, whispers and
 * robots included. `fast` sounds exactly as no variant.
 */
const LEFT_OUT: ReadonlySet<string> = new Set(['zac', 'kaukovalta', 'Alicia', 'shelby', 'fast']);

/** Families that the names alone do not tell. */
const FAMILIES: Readonly<Record<string, string>> = {
  AnxiousAndy: 'andy',
  anikaRobot: 'anika',
  whisperf: 'whisper',
  UniRobot: 'robosoft',
};

/** One line of `espeak-ng --voices`: priority, language, age and gender, name, file, other languages. */
const LINE = /^\s*\d+\s+(\S+)\s+\S+\s+\S+\s+(\S.*?)\s*(?:\(.*)?$/;

interface Listed {
  readonly language: string;
  readonly file: string;
}

/** Parses the table that `espeak-ng --voices` prints. */
export function parseVoiceTable(table: string): Listed[] {
  return table.split('\n').flatMap((line) => {
    const match = LINE.exec(line);
    return match === null ? [] : [{ language: match[1]!, file: match[2]! }];
  });
}

/**
 * Every accent with every variant, and without one. MBROLA's voices are left out, as their sounds are packages of their
 * own.
 * @param language `en`, or another language of espeak-ng
 * @param languages output of `espeak-ng --voices=LANGUAGE`
 * @param variants output of `espeak-ng --voices=variant`
 */
export function espeakVoices(language: string, languages: string, variants: string): Voice[] {
  const listed = parseVoiceTable(languages).filter(({ file }) => !file.startsWith('mb/') && !file.startsWith('!v'));
  const known = new Set(listed.map((each) => each.language));
  const accents = (language === 'en' ? ENGLISH_ACCENTS : [language]).filter((accent) => known.has(accent));
  const files = parseVoiceTable(variants).flatMap(({ file }) => (file.startsWith('!v/') ? [file.slice(3)] : []));
  const kept = [...new Set(files)].filter((variant) => !LEFT_OUT.has(variant)).sort();
  return accents.flatMap((accent) => [
    { name: accent, accent, family: 'plain' },
    ...kept.map((variant) => ({ name: `${accent}+${variant}`, accent, family: familyOf(variant) })),
  ]);
}

/** `steph2` belongs to `steph`. The variants m1 to m8 and f1 to f5 differ as much as others do. */
function familyOf(variant: string): string {
  return FAMILIES[variant] ?? (/^[mf]\d$/.test(variant) ? variant : variant.replace(/\d+$/, '').toLowerCase());
}
