import { join } from 'node:path';
import { Budget, firstIssue, listOf, UserError } from '@motley/run';
import { decodeUtf8, loadLines, readUserFile } from '@motley/run/node';
import { XmlElement, parseXml } from '@rgrove/parse-xml';
import { z } from 'zod';
import { checkedBoxes, labelsOf, type BoxOptions, type DetectionData, type RawBox } from './boxes.ts';
import { fileWithin, namesIn, pathWithin } from './folders.ts';

export interface PascalVocOptions extends BoxOptions {
  /** Split to read: the images listed in `ImageSets/Main/<split>.txt`. Default: every file in `Annotations`. */
  readonly split?: string;
  /** Coordinate of the first pixel: 1 in the original VOC files, 0 in those of many tools. Default 1. */
  readonly firstPixel?: 0 | 1;
}

/** Size limit of an annotation file. Typical files have a few kilobytes. */
const MAX_BYTES = 16 * 2 ** 20;

/** Requires text, because an empty element would be read as 0. */
const written = z.string().min(1);
const pixel = written.pipe(z.coerce.number<string>());
const length = written.pipe(z.coerce.number<string>().int().positive());
const annotationSchema = z.object({
  annotation: z.object({
    filename: written,
    size: z.object({ width: length, height: length }),
    object: listOf(
      z.object({
        name: written,
        difficult: z.enum(['0', '1']).default('0'),
        bndbox: z.object({ xmin: pixel, ymin: pixel, xmax: pixel, ymax: pixel }),
      }),
    ).default([]),
  }),
});

/**
 * Reads a folder of Pascal VOC annotations (Everingham et al., 2010): `Annotations/*.xml`, `JPEGImages`, `ImageSets`.
 * @throws UserError naming the file and the object, if the XML is invalid, a field is missing, an image is missing or
 *   outside the folder, a class is unknown, or a box is outside its image
 */
export async function loadPascalVoc(folder: string, options: PascalVocOptions = {}): Promise<DetectionData> {
  const { split, skipBadBoxes = false } = options;
  const annotations = join(folder, 'Annotations');
  const names =
    split === undefined
      ? (await namesIn(annotations, 'a folder of Pascal VOC annotations')).filter((name) => name.endsWith('.xml'))
      : await namesOfSplit(folder, split);
  if (names.length === 0) throw new UserError(`${annotations}: expected annotations (.xml), found none`);
  const raw: RawImage[] = [];
  for (const name of names) raw.push(await readAnnotation(folder, name, options.firstPixel ?? 1));
  const found = raw.flatMap(({ boxes }) => boxes.map(({ className }) => className));
  const classes = options.classes ?? [...new Set(found)].sort();
  const labels = labelsOf(classes);
  const images = raw.map(({ boxes, ...image }) => ({
    ...image,
    boxes: checkedBoxes(boxes, image, labels, skipBadBoxes),
  }));
  return { classes, images };
}

interface RawImage {
  readonly path: string;
  readonly height: number;
  readonly width: number;
  readonly boxes: readonly RawBox[];
}

async function namesOfSplit(folder: string, split: string): Promise<string[]> {
  const list = join(folder, 'ImageSets', 'Main', `${split}.txt`);
  const lines = await loadLines(list);
  // Class-specific lists have 1, 0 or -1 after each name.
  return lines.flatMap((line) => (line.trim() === '' ? [] : [`${line.trim().split(/\s+/)[0]!}.xml`]));
}

async function readAnnotation(folder: string, name: string, firstPixel: number): Promise<RawImage> {
  const file = await pathWithin(folder, join('Annotations', name), join(folder, 'Annotations', name));
  const text = decodeUtf8(await readUserFile(file, 'an annotation in XML', MAX_BYTES), file);
  const parsed = annotationSchema.safeParse(fieldsOf(text, file));
  if (!parsed.success)
    throw new UserError(`${file}: expected a Pascal VOC annotation, found ${firstIssue(parsed.error)}`);
  const { filename, size, object } = parsed.data.annotation;
  const boxes = object.map(({ name: className, difficult, bndbox }, index) => ({
    className,
    where: `${file}: object ${index + 1}`,
    left: bndbox.xmin - firstPixel,
    top: bndbox.ymin - firstPixel,
    // VOC boxes include their last pixel.
    right: bndbox.xmax - firstPixel + 1,
    bottom: bndbox.ymax - firstPixel + 1,
    isIgnored: difficult === '1',
  }));
  return { path: await fileWithin(join(folder, 'JPEGImages'), filename, file), ...size, boxes };
}

/** Elements that may repeat. */
const REPEATED = 'object';

/** Memory of an element as the parser keeps it, in bytes. */
const BYTES_OF_ELEMENT = 256;

function fieldsOf(text: string, file: string): unknown {
  const budget = Budget.forHeap(file, 'an annotation in XML', text.length);
  for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', at + 1)) budget.hold(BYTES_OF_ELEMENT / 2);
  try {
    const root = parseXml(text).root!;
    return { [root.name]: contentOf(root, budget, 0) };
  } catch (error) {
    if (error instanceof UserError) throw error;
    const [line = ''] = (error as Error).message.split('\n');
    // The parser runs out of stack at some thousands of levels.
    const reason = error instanceof RangeError ? 'elements nested without end' : line;
    throw new UserError(`${file}: expected XML, found: ${reason}`, { cause: error });
  }
}

/** Text of an element, or its children by name. */
function contentOf(element: XmlElement, budget: Budget, level: number): unknown {
  budget.descend(level);
  const children = element.children.filter((child) => child instanceof XmlElement);
  if (children.length === 0) return element.text.trim();
  const fields: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  const repeated: unknown[] = [];
  for (const child of children) {
    const content = contentOf(child, budget, level + 1);
    if (child.name === REPEATED) repeated.push(content);
    else fields[child.name] = content;
  }
  if (repeated.length > 0) fields[REPEATED] = repeated;
  return fields;
}
