/**
 * Matching of detections with objects as COCO's evaluation does it (Lin et al., "Microsoft COCO: common objects in
 * context", ECCV 2014), step by step as pycocotools, so that the results are its results.
 */

/** x, y of the upper left corner, width and height, in pixels: COCO's format. */
export type CocoBox = readonly [x: number, y: number, width: number, height: number];

/** An object of a picture. */
export interface Truth {
  readonly box: CocoBox;
  readonly label: number;
  /** A crowd may be detected many times, and need not be. Default false. */
  readonly isCrowd?: boolean;
}

/** A detection in a picture. */
export interface Found {
  readonly box: CocoBox;
  readonly label: number;
  readonly score: number;
}

/** Objects and detections of a picture. */
export interface Judged {
  readonly truth: readonly Truth[];
  readonly found: readonly Found[];
}

/** Overlaps that count as found: 0.5, 0.55, … 0.95. */
export const THRESHOLDS: readonly number[] = Array.from({ length: 10 }, (_, place) =>
  place === 9 ? 0.95 : 0.5 + (place * (0.95 - 0.5)) / 9,
);

/** Intersection over union, or over the detection alone where the object is a crowd. */
export function overlapOf(found: CocoBox, truth: CocoBox, isCrowd = false): number {
  const [x, y, width, height] = found;
  const [left, top, wide, high] = truth;
  const across = Math.min(x + width, left + wide) - Math.max(x, left);
  const down = Math.min(y + height, top + high) - Math.max(y, top);
  if (across <= 0 || down <= 0) return 0;
  const shared = across * down;
  return shared / (isCrowd ? width * height : width * height + wide * high - shared);
}

/** Outcomes of a class's detections in a picture, the most probable first. */
export interface PictureMatches {
  readonly scores: readonly number[];
  /** For each threshold, of each detection: 1 right, 0 wrong, -1 not counted. */
  readonly outcomes: readonly Int8Array[];
  /** Objects that count. */
  readonly objects: number;
}

/** Places by falling score; equal scores keep their order. */
export function byScore(scores: readonly number[]): number[] {
  return Array.from(scores.keys()).sort((a, b) => scores[b]! - scores[a]!);
}

/**
 * Matches the detections of a class, each with the object that it overlaps most of those that are left. Undefined where
 * there are neither objects nor detections.
 * @param areas objects outside the range need not be found; boundaries count as inside
 */
export function matchPicture(
  { truth, found }: Judged,
  label: number,
  areas: readonly [least: number, most: number],
  maxDetections: number,
): PictureMatches | undefined {
  const isOutside = ([, , width, height]: CocoBox) => width * height < areas[0] || width * height > areas[1];
  const ofClass = truth.filter((each) => each.label === label);
  const candidates = found.filter((each) => each.label === label);
  if (ofClass.length === 0 && candidates.length === 0) return undefined;
  const isIgnored = (each: Truth) => each.isCrowd === true || isOutside(each.box);
  const objects = [...ofClass.filter((each) => !isIgnored(each)), ...ofClass.filter(isIgnored)];
  const counted = objects.filter((each) => !isIgnored(each)).length;
  const order = byScore(candidates.map(({ score }) => score)).slice(0, maxDetections);
  const detections = order.map((place) => candidates[place]!);
  const overlaps = detections.map(({ box }) => objects.map((each) => overlapOf(box, each.box, each.isCrowd)));
  const outcomes = THRESHOLDS.map((threshold) => {
    const isTaken = new Uint8Array(objects.length);
    return Int8Array.from(detections, ({ box }, place) => {
      const match = bestMatch(overlaps[place]!, objects, isTaken, counted, threshold);
      if (match < 0) return isOutside(box) ? -1 : 0;
      isTaken[match] = 1;
      return match < counted ? 1 : -1;
    });
  });
  return { scores: detections.map(({ score }) => score), outcomes, objects: counted };
}

/** Place of the object with the largest overlap, the last one among equals; one that counts before one that does not. */
function bestMatch(
  overlaps: readonly number[],
  objects: readonly Truth[],
  isTaken: Uint8Array,
  counted: number,
  threshold: number,
): number {
  let [most, match] = [Math.min(threshold, 1 - 1e-10), -1];
  for (const [place, { isCrowd = false }] of objects.entries()) {
    if (isTaken[place] === 1 && !isCrowd) continue;
    if (match >= 0 && match < counted && place >= counted) break;
    if (overlaps[place]! < most) continue;
    [most, match] = [overlaps[place]!, place];
  }
  return match;
}
