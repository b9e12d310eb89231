import { draw, legendOf, magnification, text, valueAxis, type ChartOptions } from './chart-base.ts';
import type { Figure } from './figure.ts';
import { binValues, finiteRange } from './histogram-bins.ts';
import { FAINT_INK, INK, PALETTE } from './style.ts';

export interface BarChartOptions extends ChartOptions {
  /** Names below the groups of bars. */
  readonly categories: readonly string[];
  /** Each series has one bar per category. */
  readonly series: readonly {
    readonly name: string;
    /** `[categories]` */
    readonly values: readonly number[];
    /** `[categories]`: length of the whisker up and down, such as a standard deviation. */
    readonly errors?: readonly number[];
    /** `[categories]`: ends of the whisker, where its parts up and down differ, such as a bootstrap interval's. */
    readonly intervals?: readonly (readonly [low: number, high: number])[];
  }[];
}

const CAP_IN_PIXELS = 5;

/** Drawing interface that echarts passes to a custom series. */
interface RenderContext {
  readonly value: (dimension: number) => number;
  readonly coord: (point: readonly [number, number]) => readonly [number, number];
  readonly barLayout: (options: object) => readonly { readonly offsetCenter: number }[];
}

/** Bars from zero, with whiskers where there are errors or intervals. A value that is not finite has no bar. */
export function barChart({ categories, series, ...options }: BarChartOptions): Figure {
  const factor = magnification(
    series.flatMap(({ values, errors = [], intervals = [] }) => [values, errors, ...intervals].flat()),
  );
  const magnified = (values: readonly number[]): number[] => values.map((value) => value * factor);
  const layout = { count: series.length, barGap: '15%', barCategoryGap: '35%' };
  return draw(options, {
    legend: legendOf(series, 'circle'),
    xAxis: {
      ...valueAxis(options.xName, 'x'),
      type: 'category',
      data: categories,
      axisLabel: { ...text(11, FAINT_INK), interval: 0, hideOverlap: false },
    },
    yAxis: { ...valueAxis(options.yName, 'y', false, factor), scale: false },
    series: [
      ...series.map(({ name, values }, index) => ({
        type: 'bar',
        name,
        data: magnified(values),
        color: PALETTE[index % PALETTE.length],
        barGap: layout.barGap,
        barCategoryGap: layout.barCategoryGap,
      })),
      ...series.flatMap(({ values, errors, intervals }, index) => {
        const ends =
          intervals ?? errors?.map((error, category) => [values[category]! - error, values[category]! + error]);
        return ends === undefined ? [] : [whiskers(ends.map(magnified), index, layout)];
      }),
    ],
  });
}

/** @param ends low and high of each category */
function whiskers(ends: readonly (readonly number[])[], index: number, layout: object) {
  return {
    type: 'custom',
    data: ends.flatMap((each, category) => (each.every(Number.isFinite) ? [[category, ...each]] : [])),
    encode: { x: 0, y: [1, 2] },
    z: 3,
    renderItem: (_: unknown, { value, coord, barLayout }: RenderContext) => {
      const shift = barLayout(layout)[index]!.offsetCenter;
      const [x, bottom] = coord([value(0), value(1)]);
      const [, top] = coord([value(0), value(2)]);
      const line = (x1: number, y1: number, x2: number, y2: number) => ({
        type: 'line',
        shape: { x1: x1 + shift, y1, x2: x2 + shift, y2 },
        style: { stroke: INK, lineWidth: 1.5 },
      });
      return {
        type: 'group',
        children: [
          line(x, bottom, x, top),
          line(x - CAP_IN_PIXELS, bottom, x + CAP_IN_PIXELS, bottom),
          line(x - CAP_IN_PIXELS, top, x + CAP_IN_PIXELS, top),
        ],
      };
    },
  };
}

export interface HistogramOptions extends ChartOptions {
  readonly series: readonly { readonly name: string; readonly values: Iterable<number> }[];
  /** Number of bins. Default 40. */
  readonly bins?: number;
}

/**
 * Histogram of several series in common bins. Heights are fractions of each series, so that series of different sizes
 * compare.
 */
export function histogramChart({ series, bins = 40, ...options }: HistogramOptions): Figure {
  const range = finiteRange(series.flatMap(({ values }) => finiteRange(values) ?? []));
  if (range === undefined) throw new Error('histogram: expected a finite value, got none');
  const factor = magnification(range);
  return draw(options, {
    legend: legendOf(series, 'circle'),
    xAxis: valueAxis(options.xName, 'x', false, factor),
    yAxis: { ...valueAxis(options.yName, 'y'), scale: false },
    series: series.map(({ name, values }, index) => {
      const { edges, counts } = binValues(values, bins, range);
      const total = counts.reduce((sum, count) => sum + count, 0);
      const heights = [...counts, counts.at(-1)!].map((count) => count / total);
      return {
        type: 'line',
        name,
        data: heights.map((height, edge) => [edges[edge]! * factor, height]),
        step: 'end',
        showSymbol: false,
        color: PALETTE[index % PALETTE.length],
        lineStyle: { width: 1.5 },
        areaStyle: { opacity: 0.3 },
      };
    }),
  });
}
