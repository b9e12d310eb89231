import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { shown, UserError } from '@motley/run';
import { makeFolder, reasonOf } from '@motley/run/node';
import {
  recordingCache,
  recordingPackages,
  rootOf,
  type RecordingPackageName,
  type RecordingPlaces,
} from './locations.ts';

const run = promisify(execFile);
const NAMES = Object.keys(recordingPackages) as readonly RecordingPackageName[];
const ENDING = '.deb';

/**
 * Brings packages of recordings into the user's cache: by the machine's own apt, which needs no root for it, or from
 * `.deb` files. Packages that are installed or in the cache are left as they are.
 * @param wanted names of packages, or paths of `.deb` files. Without any, all packages
 * @param print takes a line: sizes before a download, and what was found
 * @throws UserError for an unknown name, and where apt or dpkg cannot do it, with what to do instead
 */
export async function fetchRecordings(
  wanted: readonly string[],
  print: (line: string) => void,
  places: RecordingPlaces = {},
): Promise<void> {
  const cache = recordingCache(places);
  const sources = (wanted.length === 0 ? NAMES : wanted).map(sourceOf);
  for (const { name, path } of sources) {
    const root = rootOf(name, places);
    if (root !== undefined) print(`${name}: found in ${root}`);
    else {
      await makeFolder(cache);
      const work = await mkdtemp(join(cache, '.fetching-'));
      try {
        const archive = path ?? (await download(name, work, print));
        await unpack(name, archive, join(work, 'files'), join(cache, name));
        print(`${name}: unpacked into ${join(cache, name)}`);
      } finally {
        await rm(work, { recursive: true, force: true });
      }
    }
  }
}

/** Package of a name, or of the path of its file, `NAME_VERSION_all.deb`. */
function sourceOf(wanted: string): { readonly name: RecordingPackageName; readonly path?: string } {
  const isFile = wanted.endsWith(ENDING);
  const name = isFile ? basename(wanted, ENDING).split('_')[0]! : wanted;
  const known = NAMES.find((each) => each === name);
  if (known === undefined) throw new UserError(`recordings: expected ${NAMES.join(', ')}, found ${shown(name)}`);
  return isFile ? { name: known, path: resolve(wanted) } : { name: known };
}

async function download(name: RecordingPackageName, folder: string, print: (line: string) => void): Promise<string> {
  const instead = `install ${name} by "apt install ${name}", or give the path of its ${ENDING} file`;
  const options = { cwd: folder, env: { ...process.env, LC_ALL: 'C' } };
  try {
    const { stdout } = await run('apt-get', ['download', '--print-uris', name], options);
    const size = /^'[^']*' \S+ (\d+)/m.exec(stdout)?.[1];
    const amount = size === undefined ? 'of unknown size' : `${(Number(size) / 1e6).toFixed(1)} MB`;
    print(`${name}: ${recordingPackages[name].content}, downloading ${amount} by apt`);
    await run('apt-get', ['download', '-qq', name], options);
  } catch (error) {
    const { code, stderr = '' } = error as NodeJS.ErrnoException & { stderr?: string };
    const said = /^E: (.*)$/m.exec(stderr)?.[1] ?? reasonOf(error);
    throw new UserError(
      `${name}: expected apt-get to download it, found: ${code === 'ENOENT' ? 'no apt-get' : said}; ${instead}`,
      { cause: error },
    );
  }
  const archive = (await readdir(folder)).find((file) => file.endsWith(ENDING));
  if (archive === undefined) throw new UserError(`${name}: expected apt-get to download it, found no file; ${instead}`);
  return join(folder, archive);
}

/** Unpacks a package beside its place, then moves it there, so that no half of it is ever found. */
async function unpack(name: RecordingPackageName, archive: string, folder: string, target: string): Promise<void> {
  await mkdir(folder);
  try {
    await run('dpkg-deb', ['--extract', archive, folder]);
  } catch (error) {
    const { code, stderr = '' } = error as NodeJS.ErrnoException & { stderr?: string };
    const said = /error: (.*)$/m.exec(stderr)?.[1] ?? reasonOf(error);
    throw new UserError(
      `${archive}: expected dpkg-deb to unpack it, found: ${code === 'ENOENT' ? `no dpkg-deb; unpack it into ${target} by other means` : said}`,
      { cause: error },
    );
  }
  if (!existsSync(join(folder, recordingPackages[name].probe)))
    throw new UserError(`${archive}: expected ${recordingPackages[name].probe} of ${name}, found none`);
  await rm(target, { recursive: true, force: true });
  await rename(folder, target);
}
