import { PALETTE } from './style.ts';

/** Area between two curves. */
export interface Band {
  /** Name in the legend. Without one, the band is not in the legend. */
  readonly name?: string;
  readonly points: readonly (readonly [x: number, low: number, high: number])[];
  /** Index in the palette, that of the band's line. */
  readonly color: number;
  /** From 0 to 1. */
  readonly opacity: number;
}

/** Drawing interface that echarts passes to a custom series. */
interface RenderContext {
  readonly coord: (point: readonly [x: number, y: number]) => readonly [number, number];
}

/** Series of a chart that draws a band. */
export function bandSeries({ name, points, color, opacity }: Band) {
  const finite = points.filter((point) => point.every(Number.isFinite));
  const fill = PALETTE[color % PALETTE.length];
  return {
    type: 'custom',
    ...(name === undefined ? {} : { name }),
    data: finite,
    // Both edges count for the range of the y axis.
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
