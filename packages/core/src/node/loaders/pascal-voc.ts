import { join } from 'node:path';
import { UserError } from '@motley/run';
import { decodeUtf8, loadLines, readUserFile } from '@motley/run/node';
import { labelsOf, type BoxOptions, type DetectionData } from '../../data/annotations/boxes.ts';
import {
  MAX_ANNOTATION_BYTES,
  parsePascalVoc,
  type PascalVocAnnotation,
  type PascalVocFormat,
} from '../../data/annotations/pascal-voc.ts';
import { fileWithin, namesIn, pathWithin } from './folders.ts';

export interface PascalVocOptions extends BoxOptions, PascalVocFormat {
  /** Split to read: the images listed in `ImageSets/Main/<split>.txt`. Default: every annotation. */
  readonly split?: string;
  /** Names of the folders. Default `Annotations` and `JPEGImages`. */
  readonly folders?: { readonly annotations: string; readonly images: string };
}

/**
 * Reads a folder of Pascal VOC annotations (Everingham et al., 2010): `Annotations/*.xml`, `JPEGImages`, `ImageSets`.
 * @throws UserError naming the file and the object, if the XML is invalid, a field is missing, an image is missing or
 *   outside the folder, a class is unknown, or a box is outside its image
 */
export async function loadPascalVoc(folder: string, options: PascalVocOptions = {}): Promise<DetectionData> {
  const { split, folders = { annotations: 'Annotations', images: 'JPEGImages' } } = options;
  const annotations = join(folder, folders.annotations);
  const names =
    split === undefined
      ? (await namesIn(annotations, 'a folder of Pascal VOC annotations')).filter((name) => name.endsWith('.xml'))
      : await namesOfSplit(folder, split);
  if (names.length === 0) throw new UserError(`${annotations}: expected annotations (.xml), found none`);
  const found: (PascalVocAnnotation & { readonly path: string })[] = [];
  for (const name of names) {
    const file = await pathWithin(folder, join(folders.annotations, name), join(annotations, name));
    const text = decodeUtf8(await readUserFile(file, 'an annotation in XML', MAX_ANNOTATION_BYTES), file);
    const annotation = parsePascalVoc(text, file, options);
    found.push({ ...annotation, path: await fileWithin(join(folder, folders.images), annotation.filename, file) });
  }
  const classes =
    options.classes ?? [...new Set(found.flatMap(({ objects }) => objects.map(({ name }) => name)))].sort();
  const labels = labelsOf(classes);
  const images = found.map(({ path, height, width, objects }) => ({
    path,
    height,
    width,
    boxes: objects.map(({ name, box: [left, top, right, bottom], isDifficult }) => ({
      label: labels.get(name)!,
      left,
      top,
      right,
      bottom,
      isIgnored: isDifficult,
    })),
  }));
  return { classes, images };
}

async function namesOfSplit(folder: string, split: string): Promise<string[]> {
  const list = join(folder, 'ImageSets', 'Main', `${split}.txt`);
  const lines = await loadLines(list);
  // Class-specific lists have 1, 0 or -1 after each name.
  return lines.flatMap((line) => (line.trim() === '' ? [] : [`${line.trim().split(/\s+/)[0]!}.xml`]));
}
