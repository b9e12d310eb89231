import { basename, dirname, join, relative, sep } from 'node:path';
import { shown, UserError } from '@motley/run';
import { loadLines } from '@motley/run/node';
import { namesOf, requireRoot, type RecordingPlaces } from './locations.ts';
import { Drops, type Recording, type RecordingCollection } from './recording.ts';
import { partsByName } from './split.ts';
import { transcriptOf } from './transcripts.ts';

const ENDING = '.g722';
const MOST_TEXT_BYTES = 2 ** 22;
/** Table of texts that comes with the sounds from Asterisk, but not in Debian's package. */
const TEXTS_FILE = 'core-sounds-en.txt';

const UNITS = 'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen';
const ORDINALS =
  'first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth';
const DAYS = 'sunday monday tuesday wednesday thursday friday saturday';
const MONTHS = 'january february march april may june july august september october november december';
const PHONETIC =
  'alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima mike november oscar papa quebec romeo sierra tango uniform victor whiskey xray yankee zulu';
const digits = [...UNITS.split(' '), 'seventeen', 'eighteen', 'nineteen'];
const ordinals = ['', ...ORDINALS.split(' '), 'seventeenth', 'eighteenth', 'nineteenth'];
const tens = ['', '', 'twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'];

/** Files outside of folders whose names are what is said. */
const SPOKEN_NAMES =
  'activated added call-forwarding call-waiting cancelled calling de-activated disabled do-not-disturb enabled extension for goodbye hello hello-world hours im-sorry is is-in-use is-set-to location lowercase minute minutes number one-moment-please please-try-again removed second seconds sorry speed-dial telephone-number time to-call-this-number to-extension uppercase with you-entered your';
/** Other files of a folder whose names are what is said. */
const SPOKEN_IN_FOLDERS =
  'digits/at digits/billion digits/dollars digits/hundred digits/million digits/minus digits/oh digits/pound digits/star digits/thousand digits/today digits/tomorrow digits/yesterday letters/asterisk letters/at letters/dash letters/dollar letters/dot letters/equals letters/plus letters/slash letters/space letters/zed';

/**
 * Words of a file by its name, from the folder of all sounds and without its ending. Undefined where they would be a
 * guess.
 */
export function wordsOfName(name: string): string | undefined {
  const [folder = '', file = ''] = name.includes('/') ? name.split('/') : ['', name];
  if (folder === '') return SPOKEN_NAMES.split(' ').includes(file) ? spoken(file) : undefined;
  if (SPOKEN_IN_FOLDERS.split(' ').includes(name)) return file;
  const number = Number(/^(?:h-|day-|mon-)?(\d+)$/.exec(file)?.[1] ?? NaN);
  switch (folder) {
    case 'digits':
      if (file.startsWith('day-')) return DAYS.split(' ')[number];
      if (file.startsWith('mon-')) return MONTHS.split(' ')[number];
      if (file.startsWith('h-')) return ordinalOf(file.slice(2), number);
      if (file === 'a-m' || file === 'p-m') return file.replace('-', ' ');
      return file === 'oclock' ? "o'clock" : (digits[number] ?? tens[number / 10]);
    case 'letters':
      return /^[a-z]$/.test(file) ? file : undefined;
    case 'phonetic':
      return PHONETIC.split(' ').find((word) => `${word[0]!}_p` === file);
    default:
      return undefined;
  }
}

const spoken = (file: string): string => file.replace(/^de-/, 'de').replaceAll('-', ' ').replace(/^im /, "i'm ");

function ordinalOf(word: string, number: number): string | undefined {
  if (Number.isNaN(number)) return `${word}th`;
  return ordinals[number] ?? tens[number / 10]?.replace(/y$/, 'ieth');
}

/**
 * Lists the prompts of Debian's `asterisk-core-sounds-en-g722`, said by one speaker at 16 kHz.
 * @throws UserError where the package is missing
 */
export async function loadAsteriskPackage(places: RecordingPlaces = {}): Promise<RecordingCollection> {
  const name = 'asterisk-core-sounds-en-g722';
  return loadAsterisk(join(requireRoot(name, places), 'usr/share/asterisk/sounds/en_US_f_Allison'));
}

/**
 * Lists Asterisk's English prompts. Texts come from `core-sounds-en.txt` in the folder where it is there; else from the
 * names of those files whose names are what is said. They are split by their texts.
 * @throws UserError for a folder without prompts, and naming the line of a damaged table
 */
export async function loadAsterisk(folder: string): Promise<RecordingCollection> {
  const texts = namesOf(folder).includes(TEXTS_FILE) ? await readTexts(join(folder, TEXTS_FILE)) : undefined;
  const names = namesIn(folder);
  if (names.length === 0) throw new UserError(`${folder}: expected prompts in .g722 files, found none`);
  const drops = new Drops();
  const listed: Omit<Recording, 'part'>[] = [];
  for (const name of names) {
    const written = texts === undefined ? wordsOfName(name) : texts.get(name);
    const transcript = written === undefined ? { reason: 'no text' as const } : transcriptOf(written, 'english');
    if ('reason' in transcript) drops.add(transcript.reason);
    else listed.push({ id: name, text: transcript.text, speaker: basename(folder), file: join(folder, name + ENDING) });
  }
  for (const name of texts?.keys() ?? []) if (!names.includes(name)) drops.add('no audio');
  const parts = partsByName(listed.map(({ text }) => text));
  const recordings = listed.map((each) => ({ ...each, part: parts.get(each.text)! }));
  return { name: 'asterisk', language: 'english', recordings, dropped: drops.counts };
}

/** Names of all prompts, with that of their folder and without their ending. */
function namesIn(folder: string): string[] {
  const found: string[] = [];
  const visit = (names: readonly string[], within: string): void => {
    for (const name of names) {
      const path = join(within, name);
      if (name.endsWith(ENDING)) found.push(relative(folder, path).slice(0, -ENDING.length).split(sep).join('/'));
      else if (!name.includes('.') && dirname(path) === folder) visit(namesOf(path), path);
    }
  };
  visit(namesOf(folder), folder);
  return found;
}

/** Reads lines of `name: text`. Those that begin with a semicolon are comments. */
async function readTexts(path: string): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for (const [index, line] of (await loadLines(path, { maxBytes: MOST_TEXT_BYTES })).entries()) {
    if (line.trim() === '' || line.startsWith(';')) continue;
    const [, name, text] = /^\s*([\w/+-]+)\s*:\s*(.*)$/.exec(line) ?? [];
    if (name === undefined)
      throw new UserError(`${path}: line ${index + 1}: expected "name: text", found ${shown(line)}`);
    texts.set(name, text!);
  }
  return texts;
}
