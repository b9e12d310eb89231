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
import { heatImage } from './heat-image.ts';
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
  const inHz = highestFrequencyInHz !== undefined;
  const chart: ChartOptions = { ...titles, xName: 'time (s)', yName: inHz ? 'frequency (Hz)' : 'band', height: 380 };
  const { width = DEFAULT_WIDTH, height = DEFAULT_HEIGHT } = chart;
  const margins = marginsOf(chart, 0, RIGHT);
  const plot = { width: width - margins.left - margins.right, height: height - margins.top - margins.bottom };
  const style = await heatImage({
    // The first row of the image is at the top, where the highest frequencies are.
    levelAt: (row, frame) => values[frame * bands + bands - 1 - row]!,
    rows: bands,
    columns: frames,
    range: [low, high],
    ...plot,
  });
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
          style,
        },
      ],
    },
    RIGHT,
  );
}
