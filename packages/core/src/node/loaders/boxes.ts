import { shown, suggestion, UserError } from '@motley/run';

/** An object in a picture: its rectangle in pixels from the top left corner, `[left, right)` and `[top, bottom)`. */
export interface Box {
  /** Its class, as an index into the data's `classes`. */
  readonly label: number;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  /** Left out of scores by custom: VOC's `difficult`, COCO's `iscrowd`. */
  readonly isIgnored: boolean;
}

export interface AnnotatedImage {
  readonly path: string;
  readonly height: number;
  readonly width: number;
  readonly boxes: readonly Box[];
}

/** Pictures with the objects in them, whatever the format they came in. */
export interface DetectionData {
  readonly classes: readonly string[];
  readonly images: readonly AnnotatedImage[];
}

export interface BoxOptions {
  /** The classes in the order of their labels. Without it: those of the data. */
  readonly classes?: readonly string[];
  /** Whether boxes without area or outside their picture are left out instead of refused. Default false. */
  readonly skipBadBoxes?: boolean;
}

/** A box as a file has it. */
export interface RawBox extends Omit<Box, 'label'> {
  readonly className: string;
  /** Names its place, for messages. */
  readonly where: string;
}

/** Coordinates are written rounded: a box may reach so far beyond its picture, and is then cut at the edge. */
const TOLERANCE_IN_PIXELS = 1;

/**
 * Boxes checked against their picture and classes.
 * @throws UserError naming the place
 */
export function checkedBoxes(
  raw: readonly RawBox[],
  { height, width }: { readonly height: number; readonly width: number },
  classes: readonly string[],
  skipBadBoxes: boolean,
): Box[] {
  return raw.flatMap(({ className, where, left, top, right, bottom, isIgnored }) => {
    const label = classes.indexOf(className);
    if (label < 0)
      throw new UserError(
        `${where}: expected a known class, found ${shown(className)}${suggestion(className, classes)}`,
      );
    const fits =
      left >= -TOLERANCE_IN_PIXELS &&
      top >= -TOLERANCE_IN_PIXELS &&
      right <= width + TOLERANCE_IN_PIXELS &&
      bottom <= height + TOLERANCE_IN_PIXELS;
    const box = {
      label,
      left: Math.max(left, 0),
      top: Math.max(top, 0),
      right: Math.min(right, width),
      bottom: Math.min(bottom, height),
      isIgnored,
    };
    if (fits && box.right > box.left && box.bottom > box.top) return [box];
    if (skipBadBoxes) return [];
    throw new UserError(
      `${where}: expected a box with an area within the picture of ${width} × ${height} pixels, found left ${left}, top ${top}, right ${right}, bottom ${bottom}`,
    );
  });
}
