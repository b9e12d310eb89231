import { join } from 'node:path';
import { UserError } from '@motley/run';
import { readJson, writeFileAtomically } from '@motley/run/node';
import { CLASSES_FILE, parseClasses, type RunClasses } from './class-names.ts';

export async function writeClasses(folder: string, { classes, framing }: RunClasses): Promise<void> {
  await writeFileAtomically(join(folder, CLASSES_FILE), `${JSON.stringify({ classes, framing }, null, 2)}\n`);
}

/** @throws UserError where the run has none, or damaged ones */
export async function readClasses(folder: string): Promise<RunClasses> {
  const path = join(folder, CLASSES_FILE);
  return parseClasses(await readJson(path, 'the names of the classes'), path);
}

/** @throws UserError where the data have other classes than the run */
export function requireClasses(run: readonly string[], data: readonly string[]): void {
  const missing = run.filter((name) => !data.includes(name));
  const extra = data.filter((name) => !run.includes(name));
  if (missing.length + extra.length > 0 || run.length !== data.length)
    throw new UserError(
      `data: expected the classes of the run, found ${extra.length} others (${extra.slice(0, 3).join(', ')}) and ${missing.length} missing (${missing.slice(0, 3).join(', ')})`,
    );
}
