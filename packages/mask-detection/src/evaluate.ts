import { RandomStream } from '@motley/core';
import type { MaskDetectionConfig } from './config.ts';
import type { Example } from './data.ts';
import { precisionIntervals } from './metrics/bootstrap.ts';
import { cocoMetrics, type AreaRange, Matches, meanPrecision } from './metrics/coco.ts';
import { type Split, splitErrors } from './metrics/errors.ts';
import type { CocoBox, Found, Judged, Truth } from './metrics/match.ts';
import type { FasterRcnn } from './model.ts';
import { detect } from './predict.ts';

/** Pictures that are looked at together. */
const BATCH_SIZE = 4;
/** Faces less than 16 pixels wide or so. */
const TINY: AreaRange = [0, 16 ** 2];
/** Less probable detections are no errors that a user sees. */
const SHOWN_SCORE = 0.5;

/** Detections in pictures of which the objects are known. */
export async function judge(
  model: FasterRcnn,
  examples: readonly Example[],
  { data }: Pick<MaskDetectionConfig, 'data'>,
): Promise<Judged[]> {
  const judged: Judged[] = [];
  for (let first = 0; first < examples.length; first += BATCH_SIZE) {
    const batch = examples.slice(first, first + BATCH_SIZE);
    const found = await detect(
      model,
      batch.map(({ picture }) => picture),
      data,
    );
    for (const [place, { truth }] of batch.entries()) judged.push({ truth, found: found[place]! });
  }
  return judged;
}

/** Average precision in short. `loss` is 1 - AP, which chooses the best checkpoint. */
export function briefMetrics(judged: readonly Judged[], classes: number): Record<string, number> {
  const { ap, ap50 } = cocoMetrics(judged, classes);
  return { loss: 1 - ap, ap, ap50 };
}

/** COCO's metrics with intervals, of each class and of tiny faces, and the errors by kind. */
export function allMetrics(judged: readonly Judged[], classes: readonly string[]): Record<string, number> {
  const coco = cocoMetrics(judged, classes.length);
  const { ap, ap50 } = precisionIntervals(judged, classes.length, RandomStream.fromSeed(0));
  const curves = new Matches(judged, classes.length).curves();
  const ofClass = classes.map((name, label) => [`ap50 ${name}`, meanPrecision([curves[label]], 0)] as const);
  const split = splitErrors(judged, SHOWN_SCORE);
  return {
    loss: 1 - coco.ap,
    ...coco,
    apLow: ap[0],
    apHigh: ap[1],
    ap50Low: ap50[0],
    ap50High: ap50[1],
    apTiny: meanPrecision(new Matches(judged, classes.length, TINY).curves()),
    ...Object.fromEntries(ofClass),
    ...errorMetrics(split),
    pictures: judged.length,
  };
}

function errorMetrics({ right, errors }: Split): Record<string, number> {
  return { right, ...Object.fromEntries(Object.entries(errors).map(([kind, count]) => [`${kind} errors`, count])) };
}

/**
 * Metrics without a network, on the test pictures: no box; the mean box, of the most frequent class, in every picture; and,
 * where the faces are known exactly, those faces, which is the bound that the annotator's errors leave.
 */
export function baselines(
  training: readonly Example[],
  test: readonly Example[],
  classes: number,
): Record<string, Record<string, number>> {
  const judged = (foundIn: (example: Example) => readonly Found[]): Record<string, number> =>
    briefMetrics(
      test.map((example) => ({ truth: example.truth, found: foundIn(example) })),
      classes,
    );
  const mean = meanBox(training, classes);
  const measured = { noBox: judged(() => []), meanBox: judged(() => (mean === undefined ? [] : [mean])) };
  if (test.some(({ exact }) => exact === undefined)) return measured;
  return { ...measured, annotator: judged(({ exact }) => exact!.map((each) => ({ ...each, score: 1 }))) };
}

/** The mean box of all objects, with the most frequent class. */
function meanBox(training: readonly Example[], classes: number): Found | undefined {
  const all: readonly Truth[] = training.flatMap(({ truth }) => truth);
  if (all.length === 0) return undefined;
  const counts = Array.from({ length: classes }, (_, label) => all.filter((each) => each.label === label).length);
  const label = counts.indexOf(counts.reduce((most, count) => Math.max(most, count), 0));
  const mean = (place: 0 | 1 | 2 | 3) => all.reduce((sum, { box }) => sum + box[place], 0) / all.length;
  const box: CocoBox = [mean(0), mean(1), mean(2), mean(3)];
  return { box, label, score: 1 };
}
