import { type Figure, barChart, boxOverlay, lineChart, type OverlayBox, scatterChart } from '@motley/run/node';
import type { MaskDetectionConfig } from './config.ts';
import type { MaskData } from './data.ts';
import { judge } from './evaluate.ts';
import { Matches } from './metrics/coco.ts';
import { ERROR_KINDS, splitErrors } from './metrics/errors.ts';
import type { CocoBox, Found, Judged, Truth } from './metrics/match.ts';
import type { FasterRcnn } from './model.ts';

/** Pictures that are shown with their boxes. */
const SHOWN = 4;
/** Less probable detections are not drawn. */
const DRAWN_SCORE = 0.5;
const SCALE = 2;

/** A detection to draw. */
export function drawn({ box: [x, y, width, height], label, score }: Found, classes: readonly string[]): OverlayBox {
  return { x, y, width, height, label: `${classes[label]!} ${score.toFixed(2)}`, color: label };
}

/** Figures of a trained model by file name, on the test pictures. */
export async function drawFigures(
  model: FasterRcnn,
  settings: MaskDetectionConfig,
  data: MaskData,
): Promise<Record<string, Figure>> {
  const judged = await judge(model, data.test, settings);
  const pictures = data.test.slice(0, SHOWN).map(async ({ picture }, place) => {
    const { truth, found } = judged[place]!;
    const boxes = [
      ...truth.map(({ box: [x, y, width, height], label }) => ({ x, y, width, height, color: label, dashed: true })),
      ...found.filter(({ score }) => score >= DRAWN_SCORE).map((each) => drawn(each, data.classes)),
    ];
    const shape = [picture.height, picture.width, 3] as const;
    const figure = await boxOverlay({ image: Uint8Array.from(picture.values), shape, boxes, scale: SCALE });
    return [`boxes-${place + 1}`, figure] as const;
  });
  return {
    ...Object.fromEntries(await Promise.all(pictures)),
    'precision-recall': precisionRecallChart(judged, data.classes),
    'errors-by-kind': errorChart(judged),
    'anchors-and-boxes': anchorChart(settings, data),
  };
}

function precisionRecallChart(judged: readonly Judged[], classes: readonly string[]): Figure {
  const curves = new Matches(judged, classes.length).curves();
  const lines = curves.flatMap((curve, label) =>
    curve === undefined
      ? []
      : [{ name: classes[label]!, points: Array.from(curve[0]!.precisions, (y, x): [number, number] => [x / 100, y]) }],
  );
  return lineChart({
    title: 'Precision against recall',
    subtitle: `${judged.length} test pictures; a detection is right from an overlap of 0.5 on`,
    xName: 'recall',
    yName: 'precision',
    lines,
  });
}

function errorChart(judged: readonly Judged[]): Figure {
  const { right, errors } = splitErrors(judged, DRAWN_SCORE);
  return barChart({
    title: 'Errors by kind',
    subtitle: `${right} right detections in ${judged.length} test pictures, from a probability of ${DRAWN_SCORE} on`,
    xName: 'kind',
    yName: 'errors',
    categories: [...ERROR_KINDS],
    series: [{ name: 'errors', values: ERROR_KINDS.map((kind) => errors[kind]) }],
  });
}

/** Sizes of the training pictures' boxes, as the network sees them, and of the anchors. */
function anchorChart(
  { model, data: { shortSide, longSide } }: MaskDetectionConfig,
  { training, classes }: MaskData,
): Figure {
  const boxes = training.flatMap(({ picture, truth }) => {
    const scale = Math.min(
      shortSide / Math.min(picture.height, picture.width),
      longSide / Math.max(picture.height, picture.width),
    );
    return truth.map((each: Truth) => ({ sides: sidesOf(each.box, scale), category: each.label }));
  });
  const anchors = model.anchorSizes.flatMap((sizes) =>
    sizes.flatMap((size) =>
      model.anchorRatios.map((ratio) => ({
        sides: [size / Math.sqrt(ratio), size * Math.sqrt(ratio)] as const,
        category: classes.length,
      })),
    ),
  );
  const all = [...boxes, ...anchors];
  return scatterChart({
    title: 'Anchors and boxes',
    subtitle: `${boxes.length} boxes of the training pictures, as the network sees them`,
    xName: 'width (pixels)',
    yName: 'height (pixels)',
    x: all.map(({ sides }) => sides[0]),
    y: all.map(({ sides }) => sides[1]),
    logX: true,
    logY: true,
    categories: all.map(({ category }) => category),
    categoryNames: [...classes, 'anchor'],
  });
}

function sidesOf([, , width, height]: CocoBox, scale: number): readonly [number, number] {
  return [width * scale, height * scale];
}
