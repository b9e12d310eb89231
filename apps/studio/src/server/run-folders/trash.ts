import { randomBytes } from 'node:crypto';
import { existsSync, lstatSync, readdirSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { z } from 'zod';
import type { TrashRow } from '../../shared/api.ts';
import { isInside } from '../files/inside.ts';
import { readSmallJson } from '../files/read-small.ts';
import { Refused } from '../http/refusal.ts';
import { entriesOf } from './detail.ts';
import type { Root } from './row.ts';
import type { IndexedRun } from './run-index.ts';

const FOLDER = '.trash';
const RECORD = 'origin.json';
const CONTENT = 'run';
const MAX_BYTES = 2 ** 16;
const ID = /^[0-9a-f]{16}$/;

const recordSchema = z.object({ path: z.string(), name: z.string(), system: z.string(), deletedAt: z.number() });

/** Trash of the folders of runs: `.trash` in each, from which a run can be brought back. */
export class Trash {
  readonly #roots: readonly Root[];

  constructor(roots: readonly Root[]) {
    this.#roots = roots.filter(({ kind }) => kind === 'runs');
  }

  list(): TrashRow[] {
    return this.#roots
      .flatMap((root) => idsIn(root).flatMap((id) => this.#read(root, id) ?? []))
      .sort((a, b) => b.deletedAt - a.deletedAt);
  }

  /** Moves a run's folder into the trash. */
  async put({ path, root, row }: Pick<IndexedRun, 'path' | 'root' | 'row'>): Promise<TrashRow> {
    const id = randomBytes(8).toString('hex');
    const place = join(root.path, FOLDER, id);
    // A link in place of the trash would lead elsewhere.
    requireFolder(join(root.path, FOLDER));
    await mkdir(place, { recursive: true });
    const below = relative(root.path, path).split(sep).join('/');
    const record = { path: below, name: row.name, system: row.system, deletedAt: Date.now() };
    await writeFile(join(place, RECORD), `${JSON.stringify(record)}\n`);
    try {
      await rename(path, join(place, CONTENT));
    } catch (error) {
      await rm(place, { recursive: true, force: true });
      throw new Refused(409, `delete: the folder cannot be moved: ${(error as Error).message}`);
    }
    return { id, ...record, bytes: bytesOf(place) };
  }

  /**
   * Brings a run back to where it was.
   * @returns path of its folder
   */
  async restore(id: string): Promise<string> {
    const { root, row } = this.#find(id);
    const path = join(root.path, row.path);
    if (!isInside(root.path, path))
      throw new Refused(409, 'restore: the place of the run is outside the folder of runs');
    if (existsSync(path)) throw new Refused(409, `restore: ${row.path} exists already`);
    await mkdir(dirname(path), { recursive: true });
    await rename(join(root.path, FOLDER, id, CONTENT), path);
    await rm(join(root.path, FOLDER, id), { recursive: true, force: true });
    return path;
  }

  /** Removes one run for good. */
  async remove(id: string): Promise<void> {
    const { root } = this.#find(id);
    await rm(join(root.path, FOLDER, id), { recursive: true, force: true });
  }

  async empty(): Promise<void> {
    for (const root of this.#roots)
      for (const id of idsIn(root)) await rm(join(root.path, FOLDER, id), { recursive: true, force: true });
  }

  #find(id: string): { readonly root: Root; readonly row: TrashRow } {
    for (const root of this.#roots) {
      const row = ID.test(id) ? this.#read(root, id) : undefined;
      if (row !== undefined) return { root, row };
    }
    throw new Refused(404, 'trash: expected one of its runs');
  }

  #read(root: Root, id: string): TrashRow | undefined {
    const place = join(root.path, FOLDER, id);
    const json = readSmallJson(join(place, RECORD), RECORD, MAX_BYTES);
    const result = json !== undefined && 'value' in json ? recordSchema.safeParse(json.value) : undefined;
    return result?.success === true ? { id, ...result.data, bytes: bytesOf(place) } : undefined;
  }
}

function requireFolder(path: string): void {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats !== undefined && !stats.isDirectory())
    throw new Refused(409, `${FOLDER}: expected a folder, found other content`);
}

function idsIn(root: Root): string[] {
  const path = join(root.path, FOLDER);
  if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  return readdirSync(path).filter((name) => ID.test(name));
}

/** Size of a folder. Links are not followed. */
function bytesOf(path: string): number {
  let sum = 0;
  for (const entry of entriesOf(path)) {
    const child = join(path, entry.name);
    if (entry.isDirectory()) sum += bytesOf(child);
    else sum += lstatSync(child, { throwIfNoEntry: false })?.size ?? 0;
  }
  return sum;
}
