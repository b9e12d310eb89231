import { join } from 'node:path';
import { writeFileAtomically } from '@motley/run/folders';
import { z } from 'zod';
import { readSmallJson } from '../files/read-small.ts';

const FILE_NAME = 'studio.json';
const MAX_BYTES = 2 ** 17;

/** Body of `PATCH /api/runs/:id`. */
export const marksSchema = z
  .strictObject({
    name: z.string().max(200),
    note: z.string().max(20_000),
    isStarred: z.boolean(),
    isPutAway: z.boolean(),
  })
  .partial();

export type MarkChanges = z.output<typeof marksSchema>;

/** Name, note and marks that a person has added to a run, kept in its folder as `studio.json`. */
export interface Marks {
  readonly name: string;
  readonly note: string;
  readonly isStarred: boolean;
  readonly isPutAway: boolean;
}

export const unmarked: Marks = { name: '', note: '', isStarred: false, isPutAway: false };

/** @param problems gets a line where the file is damaged */
export function readMarks(folder: string, names: ReadonlySet<string>, problems: string[]): Marks {
  if (!names.has(FILE_NAME)) return unmarked;
  const json = readSmallJson(join(folder, FILE_NAME), FILE_NAME, MAX_BYTES);
  if (json === undefined) return unmarked;
  const result = 'value' in json ? marksSchema.safeParse(json.value) : undefined;
  if (result?.success === true) return withMarks(unmarked, result.data);
  problems.push('problem' in json ? json.problem : `${FILE_NAME}: expected name, note and marks`);
  return unmarked;
}

/** Writes the marks of a run, changed in part. */
export async function writeMarks(folder: string, before: Marks, changes: MarkChanges): Promise<Marks> {
  const marks = withMarks(before, changes);
  await writeFileAtomically(join(folder, FILE_NAME), `${JSON.stringify(marks, null, 2)}\n`);
  return marks;
}

function withMarks(before: Marks, { name, note, isStarred, isPutAway }: Partial<Record<keyof Marks, unknown>>): Marks {
  return {
    name: typeof name === 'string' ? name.trim() : before.name,
    note: typeof note === 'string' ? note : before.note,
    isStarred: typeof isStarred === 'boolean' ? isStarred : before.isStarred,
    isPutAway: typeof isPutAway === 'boolean' ? isPutAway : before.isPutAway,
  };
}
