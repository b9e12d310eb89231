import { sharp } from './packages.ts';
import { HEAT_COLORS } from './style.ts';

/** Gray of levels that are not finite. */
const MISSING = [200, 200, 200] as const;

export interface HeatImageOptions {
  /** Level of a row and a column. The first row is at the top. */
  readonly levelAt: (row: number, column: number) => number;
  readonly rows: number;
  readonly columns: number;
  /** Levels of the lightest and the darkest color. */
  readonly range: readonly [low: number, high: number];
  /** Size in the chart, in pixels. The image has twice as many, and sharp edges between its cells. */
  readonly width: number;
  readonly height: number;
}

/** Table of levels as an image for a chart: one `<image>` instead of a shape for each cell. */
export async function heatImage({ levelAt, rows, columns, range, width, height }: HeatImageOptions): Promise<object> {
  const [low, high] = range;
  const rgb = Buffer.alloc(rows * columns * 3);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      rgb.set(heatColor((levelAt(row, column) - low) / (high - low || 1)), (row * columns + column) * 3);
  // Same aspect ratio as the plot, as an image in an SVG keeps its own.
  const png = await sharp(rgb, { raw: { width: columns, height: rows, channels: 3 } })
    .resize({ width: Math.round(width * 2), height: Math.round(height * 2), fit: 'fill', kernel: 'nearest' })
    .png()
    .toBuffer();
  return { image: `data:image/png;base64,${png.toString('base64')}`, width, height };
}

/** Color of a level from 0 to 1, interpolated in the scale. */
function heatColor(level: number): readonly [number, number, number] {
  if (!Number.isFinite(level)) return MISSING;
  const place = Math.min(Math.max(level, 0), 1) * (HEAT_COLORS.length - 1);
  const index = Math.min(Math.floor(place), HEAT_COLORS.length - 2);
  const [from, to] = [channelsOf(HEAT_COLORS[index]!), channelsOf(HEAT_COLORS[index + 1]!)];
  const mix = (channel: number): number => from[channel]! + (place - index) * (to[channel]! - from[channel]!);
  return [mix(0), mix(1), mix(2)];
}

function channelsOf(hex: string): number[] {
  return [1, 3, 5].map((start) => Number.parseInt(hex.slice(start, start + 2), 16));
}
