import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { UserError } from '@motley/run';
import { reasonOf } from '@motley/run/node';
import { cacheFolder } from '@motley/tensorflow/library';

/** A Debian package of recordings. */
export interface RecordingPackage {
  readonly content: string;
  /** A folder or file that it installs, from the root. */
  readonly probe: string;
}

const FILLETS = 'usr/share/games/fillets-ng';

/** Debian's packages of transcribed speech. */
export const recordingPackages = {
  'fillets-ng-data': { content: 'the texts of a game’s dialogs', probe: `${FILLETS}/script` },
  'fillets-ng-data-cs': { content: 'Czech dialogs of a game', probe: `${FILLETS}/sound/start/cs` },
  'fillets-ng-data-nl': { content: 'Dutch dialogs of a game', probe: `${FILLETS}/sound/start/nl` },
  'asterisk-core-sounds-en-g722': {
    content: 'prompts of a telephone system',
    probe: 'usr/share/asterisk/sounds/en_US_f_Allison/digits/0.g722',
  },
  'pocketsphinx-testdata': {
    content: 'ten transcribed clips',
    probe: 'usr/share/pocketsphinx/test/data/librivox/fileids',
  },
} as const satisfies Readonly<Record<string, RecordingPackage>>;

export type RecordingPackageName = keyof typeof recordingPackages;

/** Where packages are looked for. */
export interface RecordingPlaces {
  /** Root of installed packages. Default `/`. */
  readonly system?: string;
  /** Folder of unpacked packages, one subfolder each. Default `recordings` in the user's cache, or in `MOTLEY_CACHE`. */
  readonly cache?: string;
}

/** Folder of this user's unpacked packages. */
export const recordingCache = ({ cache }: RecordingPlaces = {}): string =>
  cache ?? join(dirname(cacheFolder()), 'recordings');

/**
 * Root folder of a package's files: that of the system where it is installed, else its folder in the cache.
 * @returns undefined where it is in neither
 */
export function rootOf(name: RecordingPackageName, places: RecordingPlaces = {}): string | undefined {
  const { probe } = recordingPackages[name];
  const roots = [places.system ?? '/', join(recordingCache(places), name)];
  return roots.find((root) => existsSync(join(root, probe)));
}

/**
 * Root folder of a package's files.
 * @throws UserError saying how to fetch it
 */
export function requireRoot(name: RecordingPackageName, places: RecordingPlaces = {}): string {
  const root = rootOf(name, places);
  if (root === undefined)
    throw new UserError(
      `${name}: expected the package in ${places.system ?? '/'} or ${join(recordingCache(places), name)}, found none: fetch it, or install it by "apt install ${name}"`,
    );
  return root;
}

/** Names in a folder, sorted. None where there is no such folder. */
export function namesOf(folder: string): string[] {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    throw new UserError(`${folder}: expected a folder, found: ${reasonOf(error)}`, { cause: error });
  }
}
