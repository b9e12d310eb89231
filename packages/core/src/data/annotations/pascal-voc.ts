import { Budget, firstIssue, listOf, shown, UserError } from '@motley/run';
import { XmlElement, parseXml } from '@rgrove/parse-xml';
import { z } from 'zod';
import { checkedBoxes, labelsOf } from './boxes.ts';

/** How the numbers of a box are meant. The defaults are those of the original VOC files. */
export interface PascalVocFormat {
  /** Coordinate of the first pixel: 1 in the original VOC files, 0 in those of many tools. Default 1. */
  readonly firstPixel?: 0 | 1;
  /** Whether `xmax` and `ymax` are the last pixel of the box, instead of the edge behind it. Default true. */
  readonly isLastPixelIncluded?: boolean;
}

/** Format of Kaggle's Face Mask Detection (Larxel, 2020): numbers are edges, counted from 0. */
export const kaggleMasks: Required<PascalVocFormat> = Object.freeze({ firstPixel: 0, isLastPixelIncluded: false });

/** Object of an annotation. */
export interface PascalVocObject {
  readonly name: string;
  /** Edges in pixels from the top left corner of the picture: `[x1, x2)` × `[y1, y2)`. */
  readonly box: readonly [x1: number, y1: number, x2: number, y2: number];
  /** Whether evaluation customarily ignores the object. */
  readonly isDifficult: boolean;
}

/** Annotation of one picture. */
export interface PascalVocAnnotation {
  readonly filename: string;
  readonly height: number;
  readonly width: number;
  readonly objects: readonly PascalVocObject[];
}

export interface PascalVocReading extends PascalVocFormat {
  /** Known classes. Default: any. */
  readonly classes?: readonly string[];
  /** Whether to skip boxes without area or outside their image instead of refusing them. Default false. */
  readonly skipBadBoxes?: boolean;
}

/** Size limit of an annotation. Typical files have a few kilobytes. */
export const MAX_ANNOTATION_BYTES = 16 * 2 ** 20;

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
 * Reads an annotation of Pascal VOC (Everingham et al., 2010).
 * @param text XML
 * @param where the file's name, for messages
 * @throws UserError naming file and object, if the text is no XML or too large, a field is missing, a class is unknown,
 *   or a box has no area or is outside its picture
 */
export function parsePascalVoc(text: string, where: string, options: PascalVocReading = {}): PascalVocAnnotation {
  const { firstPixel = 1, isLastPixelIncluded = true, skipBadBoxes = false } = options;
  if (text.length > MAX_ANNOTATION_BYTES)
    throw new UserError(`${where}: expected at most ${MAX_ANNOTATION_BYTES} characters, found ${text.length}`);
  const parsed = annotationSchema.safeParse(fieldsOf(text, where));
  if (!parsed.success)
    throw new UserError(`${where}: expected a Pascal VOC annotation, found ${firstIssue(parsed.error)}`);
  const { filename, size, object } = parsed.data.annotation;
  const beyond = isLastPixelIncluded ? 1 : 0;
  const raw = object.map(({ name: className, difficult, bndbox }, index) => ({
    className,
    where: `${where}: object ${index + 1}`,
    left: bndbox.xmin - firstPixel,
    top: bndbox.ymin - firstPixel,
    right: bndbox.xmax - firstPixel + beyond,
    bottom: bndbox.ymax - firstPixel + beyond,
    isIgnored: difficult === '1',
  }));
  const classes = options.classes ?? raw.map(({ className }) => className);
  const objects = checkedBoxes(raw, size, labelsOf(classes), skipBadBoxes).map(
    ({ label, left, top, right, bottom, isIgnored }): PascalVocObject => ({
      name: classes[label]!,
      box: [left, top, right, bottom],
      isDifficult: isIgnored,
    }),
  );
  return { filename, ...size, objects };
}

/**
 * Writes an annotation with the elements of Kaggle's Face Mask Detection, in their order.
 * @returns XML that `parsePascalVoc` reads with the same format
 * @throws RangeError where a name cannot be read back: empty, spaces at its ends, characters that XML excludes
 */
export function formatPascalVoc(annotation: PascalVocAnnotation, format: PascalVocFormat = {}): string {
  const { firstPixel = 1, isLastPixelIncluded = true } = format;
  const beyond = isLastPixelIncluded ? 1 : 0;
  const { filename, height, width, objects } = annotation;
  const lines = objects.flatMap(({ name, box: [x1, y1, x2, y2], isDifficult }) => [
    '    <object>',
    `        <name>${escaped(name)}</name>`,
    '        <pose>Unspecified</pose>',
    '        <truncated>0</truncated>',
    '        <occluded>0</occluded>',
    `        <difficult>${isDifficult ? 1 : 0}</difficult>`,
    '        <bndbox>',
    `            <xmin>${x1 + firstPixel}</xmin>`,
    `            <ymin>${y1 + firstPixel}</ymin>`,
    `            <xmax>${x2 + firstPixel - beyond}</xmax>`,
    `            <ymax>${y2 + firstPixel - beyond}</ymax>`,
    '        </bndbox>',
    '    </object>',
  ]);
  return [
    '<annotation>',
    '    <folder>images</folder>',
    `    <filename>${escaped(filename)}</filename>`,
    '    <size>',
    `        <width>${width}</width>`,
    `        <height>${height}</height>`,
    '        <depth>3</depth>',
    '    </size>',
    '    <segmented>0</segmented>',
    ...lines,
    '</annotation>',
    '',
  ].join('\n');
}

/** Text that XML 1.0 can hold: no controls, no halves of surrogate pairs, neither U+FFFE nor U+FFFF. */
const XML_TEXT = /^[\u{20}-\u{7e}\u{a0}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]+$/u;
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

function escaped(name: string): string {
  if (!XML_TEXT.test(name) || name.trim() !== name)
    throw new RangeError(`Pascal VOC: expected a name without controls and spaces at its ends, got ${shown(name)}`);
  return name.replaceAll(/[&<>]/g, (character) => ENTITIES[character]!);
}

/** Elements that may repeat. */
const REPEATED = 'object';

/** Memory of an element as the parser keeps it, in bytes. */
const BYTES_OF_ELEMENT = 256;

function fieldsOf(text: string, where: string): unknown {
  const budget = Budget.forHeap(where, 'an annotation in XML', text.length);
  for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', at + 1)) budget.hold(BYTES_OF_ELEMENT / 2);
  try {
    const root = parseXml(text).root!;
    return { [root.name]: contentOf(root, budget, 0) };
  } catch (error) {
    if (error instanceof UserError) throw error;
    const [line = ''] = (error as Error).message.split('\n');
    // The parser runs out of stack at some thousands of levels.
    const reason = error instanceof RangeError ? 'elements nested without end' : line;
    throw new UserError(`${where}: expected XML, found: ${reason}`, { cause: error });
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
