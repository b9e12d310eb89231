import { RandomStream, restored } from '@motley/core';
import { defineDemo, heatMap, labels, pad } from '@motley/core/demo';
import type { MaskDetectionConfig } from './config.ts';
import { CLASS_NAMES } from './data.ts';
import { MaskDetectionModel } from './model.ts';
import { predict } from './predict.ts';

/** The plane is shown from -REACH to REACH. */
const REACH = 3;
/** Cells along each side of the map. */
const CELLS = 32;

/** Centers of the cells of the map, row by row from the top: [CELLS², 2]. */
function centers(): Float32Array {
  const at = (cell: number): number => REACH * ((2 * cell + 1) / CELLS - 1);
  const cells = Array.from({ length: CELLS }, (_, cell) => cell);
  return Float32Array.from(cells.flatMap((row) => cells.flatMap((column) => [at(column), -at(row)])));
}

/** Move a point over the plane, and see which ring the network takes it for. */
export default defineDemo({
  title: 'Move a point',
  description: 'The map shows the probability of the outer ring everywhere, the bars that at the point.',
  inputs: { point: pad({ x: [-REACH, REACH], y: [-REACH, REACH], label: 'Point' }) },
  outputs: {
    ring: labels({ top: CLASS_NAMES.length, label: 'Ring' }),
    map: heatMap({ rows: 'y', columns: 'x', label: 'Probability of the outer ring' }),
  },
  load: ({ weights, config }): MaskDetectionModel =>
    restored(new MaskDetectionModel((config as MaskDetectionConfig).model, RandomStream.fromSeed(0)), weights),
  run: async (model, { point }) => {
    const [outer] = await predict(model, Float32Array.from(point));
    const [inner, other] = CLASS_NAMES;
    return {
      ring: [
        { label: inner, score: 1 - outer! },
        { label: other, score: outer! },
      ],
      map: { values: await predict(model, centers()), height: CELLS, width: CELLS },
    };
  },
  dispose: (model) => {
    model.dispose();
  },
});
