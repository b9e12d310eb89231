import { join } from 'node:path';
import { shown } from '../../config/errors.ts';
import { makeFolder, writeFileAtomically } from '../files.ts';

/** Image: always a PNG, and an SVG where it was drawn as vectors. */
export interface Figure {
  readonly png: Uint8Array;
  readonly svg?: string;
}

/**
 * Writes `figures/<name>.png`, and `.svg` where the figure has one.
 * @param name kebab-case name
 * @returns path of the PNG
 * @throws StorageError where it cannot be written
 */
export async function writeFigureFiles(folder: string, name: string, { png, svg }: Figure): Promise<string> {
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) throw new Error(`figure: expected a kebab-case name, got ${shown(name)}`);
  const path = join(folder, 'figures', `${name}.png`);
  await makeFolder(join(folder, 'figures'));
  await writeFileAtomically(path, png);
  if (svg !== undefined) await writeFileAtomically(join(folder, 'figures', `${name}.svg`), svg);
  return path;
}
