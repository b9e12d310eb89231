import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../../config/errors.ts';
import { firstIssue, listOf } from '../../reading/schemas.ts';
import { readJson, writeFileAtomically } from '../files.ts';
import { toJsonFile } from './summary.ts';

const FILE_NAME = 'start.json';
/** Starts that are kept: the first, and the latest. */
const MAX_STARTS = 50;

const startSchema = z.object({
  /** Time in ISO 8601. */
  at: z.string(),
  host: z.string(),
  processId: z.int().min(1),
  /** Arguments of the system's command line, from the command on. */
  arguments: listOf(z.string()),
});

const recordSchema = z.object({
  system: z.string(),
  /** Preset that the run began with. Null for the defaults. */
  preset: z.string().nullable(),
  /** Whether it is the small run of `--fast`. */
  isFast: z.boolean(),
  /** The start of the run, then each resume. */
  starts: listOf(startSchema),
});

/** How a run was started, as its `start.json` records it. */
export type StartRecord = Readonly<z.output<typeof recordSchema>>;

/** Records the start of a run by this process, or that it goes on. A damaged record begins anew. */
export async function recordStart(
  folder: string,
  {
    argv,
    ...begun
  }: { readonly system: string; readonly preset: string | null; readonly isFast: boolean } & {
    readonly argv: readonly string[];
  },
): Promise<void> {
  const before = await readStartRecord(folder).catch(() => undefined);
  const start = { at: new Date().toISOString(), host: hostname(), processId: process.pid, arguments: [...argv] };
  const starts = [...(before?.starts ?? []), start];
  const record: StartRecord = {
    ...(before ?? begun),
    starts: starts.length <= MAX_STARTS ? starts : [starts[0]!, ...starts.slice(starts.length - MAX_STARTS + 1)],
  };
  await writeFileAtomically(join(folder, FILE_NAME), toJsonFile(record));
}

/**
 * Reads `start.json` of a run's folder.
 * @returns undefined where a run has none
 * @throws UserError naming the file, what was expected and what was found
 */
export async function readStartRecord(folder: string): Promise<StartRecord | undefined> {
  const path = join(folder, FILE_NAME);
  if (!existsSync(path)) return undefined;
  const result = recordSchema.safeParse(await readJson(path, 'a record of starts'));
  if (result.success) return result.data;
  throw new UserError(`${path}: expected a record of starts, found ${firstIssue(result.error)}`);
}
