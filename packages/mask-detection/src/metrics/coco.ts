import { precisionRecall, type PrecisionRecall } from './average-precision.ts';
import { type Judged, matchPicture, type PictureMatches } from './match.ts';

/** Limits of an object's area, in pixels². */
export type AreaRange = readonly [least: number, most: number];

const ANY_AREA: AreaRange = [0, 1e10];
/** COCO's sizes. */
const cocoSizes = {
  small: [0, 32 ** 2],
  medium: [32 ** 2, 96 ** 2],
  large: [96 ** 2, 1e10],
} as const satisfies Readonly<Record<string, AreaRange>>;

const MAX_DETECTIONS = 100;

/** COCO's twelve numbers, in its order, and -1 where there is no object. */
export interface CocoMetrics {
  /** Mean average precision over overlaps from 0.5 to 0.95, and at 0.5 and at 0.75. */
  readonly ap: number;
  readonly ap50: number;
  readonly ap75: number;
  readonly apSmall: number;
  readonly apMedium: number;
  readonly apLarge: number;
  /** Mean recall with 1, 10 and 100 detections a picture. */
  readonly ar1: number;
  readonly ar10: number;
  readonly ar100: number;
  readonly arSmall: number;
  readonly arMedium: number;
  readonly arLarge: number;
}

/** Matches of each class in each picture, for objects of some sizes. */
export class Matches {
  readonly #matches: readonly (readonly (PictureMatches | undefined)[])[];

  /** @param classes number of classes, whose labels are 0, 1, … */
  constructor(pictures: readonly Judged[], classes: number, areas: AreaRange = ANY_AREA) {
    this.#matches = Array.from({ length: classes }, (_, label) =>
      pictures.map((picture) => matchPicture(picture, label, areas, MAX_DETECTIONS)),
    );
  }

  /**
   * Precision against recall of each class at each threshold; undefined for a class without objects.
   * @param chosen places of the pictures, for resampling. Default: all
   */
  curves(maxDetections = MAX_DETECTIONS, chosen?: readonly number[]): (readonly PrecisionRecall[] | undefined)[] {
    return this.#matches.map((pictures) => {
      const all = chosen === undefined ? pictures : chosen.map((place) => pictures[place]);
      const present = all.filter((each) => each !== undefined);
      return precisionRecall(present, maxDetections);
    });
  }
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? -1 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Mean precision over classes and, unless one is given, over thresholds. @param threshold its place: 0 for 0.5 */
export function meanPrecision(curves: ReturnType<Matches['curves']>, threshold?: number): number {
  const of = (each: readonly PrecisionRecall[]) => (threshold === undefined ? each : [each[threshold]!]);
  return mean(
    curves.flatMap((each) => (each === undefined ? [] : of(each).flatMap(({ precisions }) => [...precisions]))),
  );
}

function meanRecall(curves: ReturnType<Matches['curves']>): number {
  return mean(curves.flatMap((each) => (each === undefined ? [] : each.map(({ recall }) => recall))));
}

/** COCO's evaluation of detections. @param classes number of classes, whose labels are 0, 1, … */
export function cocoMetrics(pictures: readonly Judged[], classes: number): CocoMetrics {
  const any = new Matches(pictures, classes);
  const all = any.curves();
  const [small, medium, large] = Object.values(cocoSizes).map((areas) =>
    new Matches(pictures, classes, areas).curves(),
  ) as [typeof all, typeof all, typeof all];
  return {
    ap: meanPrecision(all),
    ap50: meanPrecision(all, 0),
    ap75: meanPrecision(all, 5),
    apSmall: meanPrecision(small),
    apMedium: meanPrecision(medium),
    apLarge: meanPrecision(large),
    ar1: meanRecall(any.curves(1)),
    ar10: meanRecall(any.curves(10)),
    ar100: meanRecall(all),
    arSmall: meanRecall(small),
    arMedium: meanRecall(medium),
    arLarge: meanRecall(large),
  };
}
