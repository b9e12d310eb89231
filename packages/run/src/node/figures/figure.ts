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
 * @param step of a training's figure that is drawn again and again: it is then `figures/<name>/step-<step>.png`
 * @returns path of the PNG
 * @throws StorageError where it cannot be written
 */
export async function writeFigureFiles(
  folder: string,
  name: string,
  { png, svg }: Figure,
  step?: number,
): Promise<string> {
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) throw new Error(`figure: expected a kebab-case name, got ${shown(name)}`);
  const [place, file] =
    step === undefined ? [join(folder, 'figures'), name] : [join(folder, 'figures', name), `step-${step}`];
  const path = join(place, `${file}.png`);
  await makeFolder(place);
  await writeFileAtomically(path, png);
  if (svg !== undefined) await writeFileAtomically(join(place, `${file}.svg`), svg);
  return path;
}
