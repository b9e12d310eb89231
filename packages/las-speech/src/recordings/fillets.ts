import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '@motley/run';
import { decodeUtf8, readUserFile } from '@motley/run/node';
import type { Language } from '../alphabet.ts';
import { namesOf, requireRoot, type RecordingPlaces } from './locations.ts';
import { parseLuaCalls } from './lua-calls.ts';
import { Drops, type Recording, type RecordingCollection } from './recording.ts';
import { partsByName } from './split.ts';
import { transcriptOf } from './transcripts.ts';

/** Folders of Fish Fillets: Next Generation, a game whose fish talk. */
export interface FilletsFolders {
  /** `script`: a folder of dialogs per level. */
  readonly scripts: string;
  /** `sound`: a folder per level, with one per language. */
  readonly sounds: string;
}

export type FilletsLanguage = Exclude<Language, 'english'>;

const codes = { czech: 'cs', dutch: 'nl' } as const satisfies Record<FilletsLanguage, string>;
const packages = { czech: 'fillets-ng-data-cs', dutch: 'fillets-ng-data-nl' } as const;
const MOST_SCRIPT_BYTES = 2 ** 20;
const MOST_SOUND_BYTES = 2 ** 24;
/** Fonts of the two fish, who talk in every level. The others' voices differ from level to level. */
const fish: Readonly<Record<string, string>> = { font_big: 'big fish', font_small: 'small fish' };
/** Where the game looks for the sounds of dialogs that levels share. */
const sharedSounds: Readonly<Record<string, string>> = {
  bore: 'share/borejokes',
  black: 'share/blackjokes',
  border: 'share/border',
  shout: 'share/border',
  intro: 'share/intro',
};

/**
 * Lists the recorded dialogs of Debian's `fillets-ng-data-cs` or `-nl`, whose texts are in `fillets-ng-data`.
 * @throws UserError where a package is missing, or a table of dialogs is damaged
 */
export async function loadFilletsPackages(
  language: FilletsLanguage,
  places: RecordingPlaces = {},
): Promise<RecordingCollection> {
  const game = 'usr/share/games/fillets-ng';
  return loadFillets(language, {
    scripts: join(requireRoot('fillets-ng-data', places), game, 'script'),
    sounds: join(requireRoot(packages[language], places), game, 'sound'),
  });
}

/**
 * Lists recorded dialogs. A tenth of the levels is held out for validation, and another for test: the same in both
 * languages. A sound that comes twice is listed once, in its first level.
 * @throws UserError naming file and line of a damaged table, and for folders without dialogs
 */
export async function loadFillets(language: FilletsLanguage, folders: FilletsFolders): Promise<RecordingCollection> {
  const code = codes[language];
  const tables = tablesOf(folders.scripts, code);
  const partOf = partsByName(tables.map(({ level }) => level));
  const drops = new Drops();
  const recordings: Recording[] = [];
  const sounds = new Set<string>();
  for (const { level, path } of tables) {
    for (const { id, font, text: written } of await dialogsOf(path)) {
      const file = join(folders.sounds, level, code, `${id}.ogg`);
      const transcript = transcriptOf(written, language);
      if (!existsSync(file)) drops.add('no audio');
      else if ('reason' in transcript) drops.add(transcript.reason);
      else if (sounds.size === sounds.add(await digestOf(file)).size) drops.add('repeated');
      else {
        const speaker = fish[font] ?? `${font.replace(/^font_/, '')} in ${level}`;
        recordings.push({ id: `${level}/${id}`, text: transcript.text, speaker, file, part: partOf.get(level)! });
      }
    }
  }
  if (recordings.length === 0)
    throw new UserError(
      `${folders.scripts}: expected dialogs_${code}.lua with sounds in ${folders.sounds}, found ${tables.length} tables and no recorded line`,
    );
  return { name: `fillets-ng ${language}`, language, recordings, dropped: drops.counts };
}

interface DialogTable {
  /** Folder of its sounds, from that of all sounds. */
  readonly level: string;
  readonly path: string;
}

function tablesOf(scripts: string, code: string): DialogTable[] {
  return namesOf(scripts).flatMap((folder) =>
    namesOf(join(scripts, folder)).flatMap((name): DialogTable[] => {
      const prefix = new RegExp(`^(?:(\\w+)_)?dialogs_${code}\\.lua$`).exec(name);
      if (prefix === null) return [];
      const level = folder === 'share' ? sharedSounds[prefix[1] ?? ''] : folder;
      return level === undefined ? [] : [{ level, path: join(scripts, folder, name) }];
    }),
  );
}

interface Dialog {
  readonly id: string;
  readonly font: string;
  readonly text: string;
}

/** Dialogs of a table: `dialogId(id, font, English text)`, then `dialogStr(text)` where it is translated. */
async function dialogsOf(path: string): Promise<Dialog[]> {
  const source = decodeUtf8(await readUserFile(path, 'a table of dialogs', MOST_SCRIPT_BYTES), path);
  const dialogs: Dialog[] = [];
  let named: { id: string; font: string } | undefined;
  for (const { name, texts, line } of parseLuaCalls(source, path)) {
    const [first, font] = texts;
    const arity = { dialogId: 3, dialogStr: 1 }[name];
    if (arity === undefined || texts.length !== arity || first === undefined)
      throw new UserError(
        `${path}: line ${line}: expected dialogId of 3 texts or dialogStr of 1, found ${name} of ${texts.length}`,
      );
    if (font !== undefined) {
      if (!/^[\w-]+$/.test(first))
        throw new UserError(`${path}: line ${line}: expected a name of letters, digits, _ and -, found ${first}`);
      named = { id: first, font };
    } else if (named === undefined)
      throw new UserError(`${path}: line ${line}: expected dialogId before dialogStr, found none`);
    else {
      dialogs.push({ ...named, text: first });
      named = undefined;
    }
  }
  return dialogs;
}

async function digestOf(file: string): Promise<string> {
  return createHash('sha256')
    .update(await readUserFile(file, 'an OGG file', MOST_SOUND_BYTES))
    .digest('hex');
}
