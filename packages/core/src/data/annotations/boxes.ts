import { shown, suggestion, UserError } from '@motley/run';

/** An object in an image. Its box is in pixels from the top left corner: `[left, right)` and `[top, bottom)`. */
export interface Box {
  /** Class index into the data's `classes`. */
  readonly label: number;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  /** Whether evaluation customarily ignores the object: `difficult` in VOC, `iscrowd` in COCO. */
  readonly isIgnored: boolean;
}

export interface AnnotatedImage {
  readonly path: string;
  readonly height: number;
  readonly width: number;
  readonly boxes: readonly Box[];
}

/** Images with their annotated objects, independent of the file format. */
export interface DetectionData {
  readonly classes: readonly string[];
  readonly images: readonly AnnotatedImage[];
}

export interface BoxOptions {
  /** Class names in the order of their labels. Default: the classes of the data. */
  readonly classes?: readonly string[];
  /** Whether to skip boxes without area or outside their image instead of refusing them. Default false. */
  readonly skipBadBoxes?: boolean;
}

/** A box as read from a file, before any check. */
export interface RawBox extends Omit<Box, 'label'> {
  readonly className: string;
  /** Position in the file, for messages. */
  readonly where: string;
}

/** Rounding tolerance. A box may reach this far beyond its image and is then clipped. */
const TOLERANCE_IN_PIXELS = 1;

/** Labels of classes by name. The first of two equal names counts. */
export function labelsOf(classes: readonly string[]): ReadonlyMap<string, number> {
  const labels = new Map<string, number>();
  for (const [label, name] of classes.entries()) if (!labels.has(name)) labels.set(name, label);
  return labels;
}

/**
 * Checks boxes against their image and classes.
 * @param labels labels of the known classes by name
 * @throws UserError naming the position of the first bad box
 */
export function checkedBoxes(
  raw: readonly RawBox[],
  { height, width }: { readonly height: number; readonly width: number },
  labels: ReadonlyMap<string, number>,
  skipBadBoxes: boolean,
): Box[] {
  return raw.flatMap(({ className, where, left, top, right, bottom, isIgnored }) => {
    const label = labels.get(className);
    if (label === undefined)
      throw new UserError(
        `${where}: expected a known class, found ${shown(className)}${suggestion(className, [...labels.keys()])}`,
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
