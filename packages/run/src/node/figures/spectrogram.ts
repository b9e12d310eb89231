import sharp from 'sharp';
import {
  DEFAULT_HEIGHT,
  DEFAULT_WIDTH,
  draw,
  format,
  marginsOf,
  text,
  valueAxis,
  type ChartOptions,
} from './chart-base.ts';
import type { Figure } from './figure.ts';
import { finiteRange } from './histogram-bins.ts';
import { HEAT_COLORS } from './style.ts';

export interface SpectrogramOptions {
  readonly title: string;
  readonly subtitle?: string;
  /** `[T, F]`, row-major: levels of each frame, in decibels or as logarithms, the lowest frequency first. */
  readonly values: Float32Array;
  readonly shape: readonly [frames: number, bands: number];
  /** Time from the start of one frame to the next. */
  readonly frameStepInSeconds: number;
  /** Highest frequency, where bands are evenly spaced in Hz. Without it, bands are numbered, as for a mel scale. */
  readonly highestFrequencyInHz?: number;
  /** Name of the levels with their unit: `level (dB)`. */
  readonly levelName: string;
}

/** Space for the scale. */
const RIGHT = 110;

/** Levels over time and frequency. Darker means higher. */
export async function spectrogram(options: SpectrogramOptions): Promise<Figure> {
  const { values, shape, frameStepInSeconds, highestFrequencyInHz, levelName, ...titles } = options;
  const [frames, bands] = shape;
  if (values.length !== frames * bands || values.length === 0) {
    throw new Error(
      `spectrogram: expected ${frames * bands} values for shape [${shape.join(', ')}], got ${values.length}`,
    );
  }
  const [low, high] = finiteRange(values) ?? [0, 1];
  const rgb = Buffer.alloc(frames * bands * 3);
  for (let frame = 0; frame < frames; frame++) {
    for (let band = 0; band < bands; band++) {
      const level = (values[frame * bands + band]! - low) / (high - low || 1);
      // The first row of the image is at the top, where the highest frequencies are.
      rgb.set(heatColor(level), ((bands - 1 - band) * frames + frame) * 3);
    }
  }
  const inHz = highestFrequencyInHz !== undefined;
  const chart: ChartOptions = { ...titles, xName: 'time (s)', yName: inHz ? 'frequency (Hz)' : 'band', height: 380 };
  const { width = DEFAULT_WIDTH, height = DEFAULT_HEIGHT } = chart;
  const margins = marginsOf(chart, 0, RIGHT);
  const plot = { width: width - margins.left - margins.right, height: height - margins.top - margins.bottom };
  // Same aspect ratio as the plot, as an image in an SVG keeps its own.
  const png = await sharp(rgb, { raw: { width: frames, height: bands, channels: 3 } })
    .resize({ width: plot.width * 2, height: plot.height * 2, fit: 'fill', kernel: 'nearest' })
    .png()
    .toBuffer();
  const axis = { splitLine: { show: false }, min: 0, scale: false };
  return draw(
    chart,
    {
      xAxis: { ...valueAxis(chart.xName, 'x'), ...axis, max: frames * frameStepInSeconds },
      yAxis: { ...valueAxis(chart.yName, 'y'), ...axis, max: highestFrequencyInHz ?? bands },
      visualMap: {
        type: 'continuous',
        calculable: false,
        min: low,
        max: high === low ? low + 1 : high,
        right: 12,
        top: 'middle',
        itemHeight: 180,
        text: [`${format(high)}\n${levelName}`, format(low)],
        textStyle: text(11),
        inRange: { color: [...HEAT_COLORS] },
      },
      graphic: [
        {
          type: 'image',
          left: margins.left,
          top: margins.top,
          z: 0,
          style: { image: `data:image/png;base64,${png.toString('base64')}`, ...plot },
        },
      ],
    },
    RIGHT,
  );
}

/** Color of a level from 0 to 1, interpolated in the scale. Gray for non-finite levels. */
function heatColor(level: number): [number, number, number] {
  if (!Number.isFinite(level)) return [200, 200, 200];
  const place = Math.min(Math.max(level, 0), 1) * (HEAT_COLORS.length - 1);
  const index = Math.min(Math.floor(place), HEAT_COLORS.length - 2);
  const [from, to] = [channelsOf(HEAT_COLORS[index]!), channelsOf(HEAT_COLORS[index + 1]!)];
  const mix = (channel: number): number => from[channel]! + (place - index) * (to[channel]! - from[channel]!);
  return [mix(0), mix(1), mix(2)];
}

function channelsOf(hex: string): number[] {
  return [1, 3, 5].map((start) => Number.parseInt(hex.slice(start, start + 2), 16));
}
