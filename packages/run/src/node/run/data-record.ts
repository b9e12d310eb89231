import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../../config/errors.ts';
import { firstIssue } from '../../reading/schemas.ts';
import { readJson, writeFileAtomically } from '../files.ts';
import { digestOf } from './data-digest.ts';
import { toJsonFile } from './summary.ts';

const FILE_NAME = 'data.json';

const recordSchema = z.object({
  /** Absolute path given by `--data`. Null where the data come from the configuration and its seed. */
  path: z.string().min(1).nullable(),
  /** SHA-256 as of `digestOf`. Null without a path, and for data that can be read only once. */
  digest: z.string().nullable(),
});

/** Data of a run, as its `data.json` records them. */
export type DataRecord = Readonly<z.output<typeof recordSchema>>;

/** Record of the data that a new run is given. */
export async function recordData(path: string | undefined): Promise<DataRecord> {
  return path === undefined ? { path: null, digest: null } : { path, digest: await digestOf(path) };
}

/** Writes `data.json` in a run's folder. */
export async function writeDataRecord(folder: string, record: DataRecord): Promise<void> {
  await writeFileAtomically(join(folder, FILE_NAME), toJsonFile(record));
}

/**
 * Reads `data.json` of a run's folder.
 * @returns undefined where a run has none
 * @throws UserError naming the file, what was expected and what was found
 */
export async function readDataRecord(folder: string): Promise<DataRecord | undefined> {
  const path = join(folder, FILE_NAME);
  if (!existsSync(path)) return undefined;
  const result = recordSchema.safeParse(await readJson(path, "a record of a run's data"));
  if (result.success) return result.data;
  throw new UserError(`${path}: expected a record of a run's data, found ${firstIssue(result.error)}`);
}

/**
 * Data with which a training goes on: those that the run began with, at the place recorded or the one given.
 * @param given absolute path of `--data`
 * @returns undefined where the run has no record
 * @throws UserError where the content is another one, or nothing is there
 */
export async function dataToResume(folder: string, given: string | undefined): Promise<DataRecord | undefined> {
  const record = await readDataRecord(folder);
  if (record === undefined) return undefined;
  if (record.path === null) {
    if (given === undefined) return record;
    throw new UserError(`--data: expected none, as the run in ${folder} was trained without, got ${given}`);
  }
  const path = given ?? record.path;
  await requireSame(record, path);
  return { ...record, path };
}

/** Data for a command on a trained model. */
export interface ChosenData {
  /** Undefined where the data come from the configuration. */
  readonly path: string | undefined;
  /** Whether they are known to be others than those of the training. */
  readonly areOthers: boolean;
}

/**
 * Data for a command on a trained model: those of the training, or others that the user names on purpose.
 * @param given absolute path of `--data`
 * @throws UserError where none are given, and those of the training have changed or are gone
 */
export async function dataToUse(folder: string, given: string | undefined): Promise<ChosenData> {
  const record = await readDataRecord(folder);
  if (given !== undefined) {
    const areOthers = record !== undefined && !isSame(record, await recordData(given));
    return { path: given, areOthers };
  }
  if (record === undefined || record.path === null) return { path: undefined, areOthers: false };
  await requireSame(record, record.path);
  return { path: record.path, areOthers: false };
}

/** Whether two records are of the same data, wherever they lie. */
export function isSame(a: DataRecord, b: DataRecord): boolean {
  return a.digest === b.digest && (a.digest !== null || a.path === b.path);
}

async function requireSame(record: DataRecord, path: string): Promise<void> {
  const { digest } = await recordData(path);
  if (isSame(record, { path, digest })) return;
  const hint = path === record.path ? '; if they were moved, name their place with --data' : '';
  const found = digest === null ? 'no such file or folder' : `other content (${short(digest)})`;
  throw new UserError(`${path}: expected the data of the training, ${describeData(record)}, found ${found}${hint}`);
}

/** Data in words, for messages. */
export function describeData({ path, digest }: DataRecord): string {
  if (path === null) return 'none of --data';
  return digest === null ? path : `${path} (${short(digest)})`;
}

/** First digits of a digest, enough to tell two contents apart. */
function short(digest: string): string {
  return digest.slice(0, 'sha256:'.length + 12);
}
