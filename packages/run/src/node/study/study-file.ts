import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../../config/errors.ts';
import { firstIssue, listOf } from '../../reading/schemas.ts';
import { readJson, writeFileAtomically } from '../files.ts';
import { toJsonFile } from '../run/summary.ts';
import type { TableRow } from './study-table.ts';
import type { PlannedStudy } from './study.ts';

const FILE_NAME = 'study.json';

/** Part of `study.json` that is read back: total times of resumed runs, which their summaries do not have. */
const timesSchema = z.object({
  runs: listOf(z.object({ name: z.string(), wallTimeInSeconds: z.number().nullable() })),
});

/** Contents of `study.json`: the runs with their states, and the table. */
export interface StudyFile {
  readonly system: string;
  readonly study: string;
  readonly description: string;
  readonly runs: readonly {
    readonly name: string;
    readonly variant: string;
    readonly seed: number;
    readonly status: string;
    readonly wallTimeInSeconds: number | null;
    readonly error: string | null;
  }[];
  readonly table: readonly TableRow[];
}

/**
 * Reads the total times of runs.
 * @throws UserError naming the file, what was expected and what was found
 */
export async function readTimes(folder: string): Promise<ReadonlyMap<string, number | null>> {
  const path = join(folder, FILE_NAME);
  if (!existsSync(path)) return new Map();
  const result = timesSchema.safeParse(await readJson(path, 'a study'));
  if (result.success) return new Map(result.data.runs.map(({ name, wallTimeInSeconds }) => [name, wallTimeInSeconds]));
  throw new UserError(`${path}: expected a study, found ${firstIssue(result.error)}`);
}

export async function writeStudy(
  system: string,
  { name: studyName, study, folder, runs }: PlannedStudy,
  table: readonly TableRow[],
): Promise<StudyFile> {
  const file = {
    system,
    study: studyName,
    description: study.description,
    runs: runs.map(({ name, variant, seed, status, wallTimeInSeconds, error }) => ({
      name,
      variant,
      seed,
      status,
      wallTimeInSeconds,
      error,
    })),
    table,
  };
  await writeFileAtomically(join(folder, FILE_NAME), toJsonFile(file));
  return file;
}
