import { byScore, type PictureMatches, THRESHOLDS } from './match.ts';

/** Recalls at which the precision is read: 0, 0.01, … 1. */
const RECALLS = Array.from({ length: 101 }, (_, place) => (place === 100 ? 1 : place * 0.01));

/** Precision at each of 101 recalls, and the final recall, at one threshold. */
export interface PrecisionRecall {
  readonly precisions: Float64Array;
  readonly recall: number;
}

/**
 * Precision against recall of a class over pictures, for each threshold: the largest precision at this recall or more.
 * Undefined where there is no object.
 * @param maxDetections in each picture
 */
export function precisionRecall(
  pictures: readonly PictureMatches[],
  maxDetections: number,
): readonly PrecisionRecall[] | undefined {
  const objects = pictures.reduce((sum, each) => sum + each.objects, 0);
  if (objects === 0) return undefined;
  const scores = pictures.flatMap((each) => each.scores.slice(0, maxDetections));
  const order = byScore(scores);
  return THRESHOLDS.map((_, threshold) => {
    const outcomes = pictures.flatMap((each) => [...each.outcomes[threshold]!.subarray(0, maxDetections)]);
    return curveOf(
      order.map((place) => outcomes[place]!),
      objects,
    );
  });
}

/** @param outcomes of detections by falling score: 1 right, 0 wrong, -1 not counted */
function curveOf(outcomes: readonly number[], objects: number): PrecisionRecall {
  const recalls = new Float64Array(outcomes.length);
  const precisions = new Float64Array(outcomes.length);
  let [right, wrong] = [0, 0];
  for (const [place, outcome] of outcomes.entries()) {
    if (outcome === 1) right++;
    if (outcome === 0) wrong++;
    recalls[place] = right / objects;
    precisions[place] = right / (wrong + right + Number.EPSILON);
  }
  for (let place = precisions.length - 1; place > 0; place--)
    precisions[place - 1] = Math.max(precisions[place - 1]!, precisions[place]!);
  let place = 0;
  const read = Float64Array.from(RECALLS, (recall) => {
    while (place < recalls.length && recalls[place]! < recall) place++;
    return precisions[place] ?? 0;
  });
  return { precisions: read, recall: recalls.at(-1) ?? 0 };
}
