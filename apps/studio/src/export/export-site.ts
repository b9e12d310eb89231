import { copyFile, cp, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { shown, UserError } from '@motley/run';
import { readJson, readUserFile, reasonOf } from '@motley/run/node';
import { findPrograms } from '../server/systems/programs.ts';
import { buildPage } from './page.ts';
import { readTriedRun, type TriedRun } from './site-run.ts';

const MAX_FILE_BYTES = 256 * 2 ** 20;
/** In `runs.json`: tells an exported site from a folder of something else. */
const FORMAT = 'motley-site-1';

export interface ExportOptions {
  /** Folders of runs, in the order of the site. */
  readonly runs: readonly string[];
  /** Folder of the site: new, empty, or of an earlier export, which it replaces. */
  readonly out: string;
  /** Folder with a built page, instead of the studio's own. */
  readonly page?: string;
}

/**
 * Writes a static site with the demos of runs, weights included: it needs no server and asks for relative addresses only.
 * The site is written aside and renamed at the end, so that a folder never holds half of one.
 * @returns its folder
 * @throws UserError naming the run or folder, what was expected and what was found
 */
export async function exportSite({ runs: folders, out, page }: ExportOptions): Promise<string> {
  if (folders.length === 0) throw new UserError('--run: expected the folder of a run, got none');
  const target = resolve(out);
  await checkTarget(target, out);
  const runs: TriedRun[] = [];
  for (const folder of folders) runs.push(await readTriedRun(folder));
  const files = await Promise.all(runs.map(filesOf));
  await mkdir(dirname(target), { recursive: true }).catch(orUserError(out));
  const aside = await mkdtemp(join(dirname(target), `.${basename(target)}-`)).catch(orUserError(out));
  try {
    if (page === undefined) await buildPage(aside);
    else await cp(page, aside, { recursive: true });
    for (const [index, run] of runs.entries()) await writeRun(join(aside, folderOf(index)), run, files[index]!);
    const listed = runs.map(({ system, name }, index) => ({ system, name, folder: folderOf(index) }));
    await writeFile(join(aside, 'runs.json'), `${JSON.stringify({ format: FORMAT, runs: listed }, null, 2)}\n`);
    await replace(aside, target);
  } catch (error) {
    await rm(aside, { recursive: true, force: true });
    throw error;
  }
  return target;
}

const folderOf = (index: number): string => `runs/${index + 1}`;

const orUserError =
  (out: string) =>
  (cause: unknown): never => {
    throw new UserError(`--out ${out}: expected a folder that can be written, found: ${reasonOf(cause)}`, { cause });
  };

/** @throws UserError where the folder holds something else than an earlier site */
async function checkTarget(target: string, out: string): Promise<void> {
  const names = await readdir(target).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    return orUserError(out)(error);
  });
  if (names.length === 0) return;
  const listed = (await readJson(join(target, 'runs.json'), 'a site').catch(() => null)) as {
    readonly format?: unknown;
  } | null;
  if (listed?.format !== FORMAT)
    throw new UserError(
      `--out ${out}: expected a new or empty folder, or an exported site, found ${shown(names[0])} in it`,
    );
}

/** Further files that the demo of the run's system asks for. */
async function filesOf({ system, path }: TriedRun): Promise<Readonly<Record<string, Uint8Array>>> {
  const names = await demoFiles(system, path);
  const entries = names.map(async (name) => {
    if (!/^\w[\w.-]*$/.test(name)) throw new UserError(`${system}: expected the name of a file, got ${shown(name)}`);
    return [name, await readUserFile(join(path, name), 'a file of the run', MAX_FILE_BYTES)] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

async function demoFiles(system: string, path: string): Promise<readonly string[]> {
  const demo = await importDemo(system);
  if (demo === undefined)
    throw new UserError(`${path}: expected a run of a system with a demo, found one of ${shown(system)}`);
  return demo.files ?? [];
}

/** A system's demo: of the workspace, or of the packages that are installed beside the studio. */
async function importDemo(system: string): Promise<{ readonly files?: readonly string[] } | undefined> {
  const programs = findPrograms(join(import.meta.dirname, '../../../..'));
  const demo = programs.find(({ name }) => name === system)?.demo;
  if (demo === undefined) return undefined;
  const module = (await import(pathToFileURL(demo).href)) as { readonly default?: object };
  return module.default;
}

async function writeRun(
  folder: string,
  { config, weights }: TriedRun,
  files: Readonly<Record<string, Uint8Array>>,
): Promise<void> {
  await mkdir(join(folder, 'files'), { recursive: true });
  await writeFile(join(folder, 'config.json'), JSON.stringify(config, withoutFolders));
  await copyFile(weights, join(folder, 'weights.safetensors'));
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, 'files', name), bytes);
}

/** A site is for others: of a file of this machine, its name alone. */
function withoutFolders(_key: string, value: unknown): unknown {
  return typeof value === 'string' && isAbsolute(value) ? basename(value) : value;
}

/** Puts the new site in the place of an earlier one. */
async function replace(aside: string, target: string): Promise<void> {
  const old = `${aside}-old`;
  const hadOld = await rename(target, old).then(
    () => true,
    () => false,
  );
  try {
    await rename(aside, target);
  } catch (error) {
    if (hadOld) await rename(old, target);
    throw error;
  }
  await rm(old, { recursive: true, force: true });
}
