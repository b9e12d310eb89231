import { existsSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, delimiter, join, resolve } from 'node:path';
import { LibraryError } from './errors.ts';
import { installedLibrary, libraryIn, readRecord, RECORD_NAME, verifiedLibrary } from './inspect-folder.ts';
import { TENSORFLOW_VERSION } from './install/platform.ts';
import { cacheFolder, type LibraryLocation, type LibrarySource } from './location.ts';
import { pythonPackageFolders } from './python.ts';

/** A searched place: the library in it, or the reason why there is none. */
export interface SearchedPlace {
  source: LibrarySource;
  /** Description of the place. */
  where: string;
  library?: LibraryLocation;
  error?: LibraryError;
}

export interface FindLibraryOptions {
  /** A folder or a library file. Default: `MOTLEY_TENSORFLOW_LIBRARY`. */
  setting?: string;
}

export const INSTALL_COMMAND = import.meta.url.endsWith('.ts')
  ? 'pnpm tensorflow install' // in this repository
  : 'npx motley-tensorflow install';

/**
 * Finds TensorFlow's library. It searches in this order: the explicit setting, the cache (the newest install), the
 * active Python's `tensorflow`, an installed `@tensorflow/tfjs-node`, the system's folders. The files are verified, not
 * loaded. The setting and the cache take milliseconds, Python tens of milliseconds.
 *
 * A wrong setting and a damaged cache are errors. A wrong library elsewhere is skipped; if nothing else is found, the
 * error reports it.
 *
 * @throws LibraryError with the cure
 */
export function findLibrary(options: FindLibraryOptions = {}): LibraryLocation {
  return chooseLibrary(searchPlaces(options));
}

/** Chooses the library of `findLibrary` among searched places. */
export function chooseLibrary(places: Iterable<SearchedPlace>): LibraryLocation {
  let firstError: LibraryError | undefined;
  for (const place of places) {
    if (place.library) return place.library;
    if (place.error && (place.source === 'setting' || place.source === 'cache')) throw place.error;
    firstError ??= place.error;
  }
  throw firstError ?? new LibraryError('not-found', 'no TensorFlow library on this machine', { cure: INSTALL_COMMAND });
}

/** Searches the places lazily: places after the one at which a caller stops are not searched. */
export function* searchPlaces(options: FindLibraryOptions = {}): Generator<SearchedPlace, undefined> {
  const setting = options.setting ?? process.env.MOTLEY_TENSORFLOW_LIBRARY;
  if (setting) yield inPlace('setting', setting, () => fromSetting(setting));
  const cache = cacheFolder();
  yield inPlace('cache', cache, () => fromCache(cache));
  const folders = pythonPackageFolders();
  if (folders.length === 0)
    yield { source: 'python', where: 'the tensorflow package of VIRTUAL_ENV, CONDA_PREFIX, python3' };
  for (const folder of folders) yield inPlace('python', folder, () => libraryIn(folder, 'python'));
  for (const name of ['@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu']) yield fromTfjsNode(name);
  for (const folder of systemFolders()) yield inPlace('system', folder, () => libraryIn(folder, 'system'));
}

function inPlace(source: LibrarySource, where: string, search: () => LibraryLocation | undefined): SearchedPlace {
  try {
    const library = search();
    return library ? { source, where, library } : { source, where };
  } catch (error) {
    if (error instanceof LibraryError) return { source, where, error };
    throw error;
  }
}

function fromSetting(setting: string): LibraryLocation {
  const path = resolve(setting);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) throw new LibraryError('not-found', `the TensorFlow library setting names ${path}, which does not exist`);
  if (!stats.isDirectory()) return verifiedLibrary(path, 'setting');
  for (const folder of [path, join(path, 'tensorflow'), join(path, 'lib')]) {
    const library = libraryIn(folder, 'setting');
    if (library) return library;
  }
  throw new LibraryError(
    'not-found',
    `the TensorFlow library setting names ${path}, which holds no TensorFlow library`,
  );
}

function fromCache(cache: string): LibraryLocation | undefined {
  if (!existsSync(cache)) return undefined;
  const suffix = `-${process.platform}-${process.arch}`;
  const installed = readdirSync(cache)
    .filter((name) => !name.startsWith('.') && name.endsWith(suffix))
    .map((name) => ({
      folder: join(cache, name),
      installedAt: statSync(join(cache, name, RECORD_NAME), { throwIfNoEntry: false })?.mtimeMs ?? 0,
    }))
    .sort((first, second) => second.installedAt - first.installedAt);
  const newest = installed[0];
  if (!newest) return undefined;
  try {
    return installedLibrary(newest.folder);
  } catch (error) {
    if (!(error instanceof LibraryError)) throw error;
    throw new LibraryError(error.code, error.problem, { cause: error, cure: reinstallCommand(newest.folder) });
  }
}

/** The command that installs the library of an install's folder again. */
export function reinstallCommand(folder: string): string {
  const [, version = TENSORFLOW_VERSION, variant] = /^(.+)-(cpu|gpu|archive)-/.exec(basename(folder)) ?? [];
  const origin = readRecord(folder)?.origin;
  return [
    INSTALL_COMMAND,
    ...(variant === 'gpu' ? ['--gpu'] : []),
    ...(variant === 'archive' && origin ? ['--archive', origin] : []),
    ...(variant !== 'archive' && version !== TENSORFLOW_VERSION ? ['--tf-version', version] : []),
  ].join(' ');
}

function fromTfjsNode(name: string): SearchedPlace {
  let where: string;
  try {
    where = join(
      createRequire(join(process.cwd(), 'package.json')).resolve(`${name}/package.json`),
      '..',
      'deps',
      'lib',
    );
  } catch {
    return { source: 'tfjs-node', where: `${name}, resolved from ${process.cwd()}` };
  }
  return inPlace('tfjs-node', where, () => libraryIn(where, 'tfjs-node'));
}

function systemFolders(): string[] {
  const variable = { darwin: 'DYLD_LIBRARY_PATH', win32: 'PATH' }[process.platform as string] ?? 'LD_LIBRARY_PATH';
  const named = (process.env[variable] ?? '').split(delimiter).filter((folder) => folder !== '');
  const usual = {
    linux: [
      '/usr/local/lib',
      '/usr/lib',
      '/usr/lib64',
      `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`,
    ],
    darwin: ['/usr/local/lib', '/opt/homebrew/lib'],
  }[process.platform as string];
  return [...named, ...(usual ?? [])];
}
