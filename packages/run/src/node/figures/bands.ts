import { PALETTE } from './style.ts';

/** The area between two curves. */
export interface Band {
  /** For the legend; without, it is not in it. */
  readonly name?: string;
  readonly points: readonly (readonly [x: number, low: number, high: number])[];
  /** Position in the palette: that of the line it belongs to. */
  readonly color: number;
  /** From 0 to 1. */
  readonly opacity: number;
}

/** What a custom series of echarts is asked to draw with. */
interface RenderContext {
  readonly coord: (point: readonly [x: number, y: number]) => readonly [number, number];
}

/** A band as a series of a chart. */
export function bandSeries({ name, points, color, opacity }: Band) {
  const finite = points.filter((point) => point.every(Number.isFinite));
  const fill = PALETTE[color % PALETTE.length];
  return {
    type: 'custom',
    ...(name === undefined ? {} : { name }),
    data: finite,
    // Both edges count for the y axis.
    encode: { x: 0, y: [1, 2] },
    color: fill,
    silent: true,
    z: 1,
    renderItem: ({ dataIndex }: { dataIndex: number }, { coord }: RenderContext) => {
      // One polygon for the whole band.
      if (dataIndex !== 0) return undefined;
      const low = finite.map(([x, bottom]) => coord([x, bottom]));
      const high = finite.map(([x, , top]) => coord([x, top]));
      return { type: 'polygon', shape: { points: [...low, ...high.reverse()] }, style: { fill, opacity } };
    },
  };
}
