import { largest } from '../../statistics/extremes.ts';
import { bandSeries, type Band } from './bands.ts';
import {
  DEFAULT_HEIGHT,
  DEFAULT_WIDTH,
  draw,
  format,
  legendOf,
  magnification,
  marginsOf,
  text,
  valueAxis,
  type ChartOptions,
} from './chart-base.ts';
import { figureText } from './figure-text.ts';
import type { Figure } from './figure.ts';
import { finiteRange } from './histogram-bins.ts';
import { BACKGROUND, FONT, HEAT_COLORS, INK, PALETTE, textWidth } from './style.ts';

export type { ChartOptions } from './chart-base.ts';

/** Named curve. */
export interface Line {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  readonly dashed?: boolean;
}

/** A small patch in a legend needs more color than the band itself. */
const SWATCH_CONTRAST = 0.2;

export interface LineChartOptions extends ChartOptions {
  readonly lines: readonly Line[];
  /** Drawn behind the lines. */
  readonly bands?: readonly Band[];
  readonly logY?: boolean;
}

/** Curves over a common x axis, with a legend where there are several. */
export function lineChart(options: LineChartOptions): Figure {
  const points = [...options.lines, ...(options.bands ?? [])].flatMap(
    (each): readonly (readonly number[])[] => each.points,
  );
  const byX = magnification(points.map(([x]) => x!));
  const byY = options.logY === true ? 1 : magnification(points.flatMap(([, ...y]) => y));
  const lines = options.lines.map(({ points, ...line }) => ({
    ...line,
    points: points.map(([x, y]) => [x * byX, y * byY] as const),
  }));
  const bands = (options.bands ?? []).map(({ points, ...band }) => ({
    ...band,
    points: points.map(([x, low, high]) => [x * byX, low * byY, high * byY] as const),
  }));
  const few = lines.every(({ points }) => points.length <= 30);
  const namedBands = bands.flatMap((band) =>
    band.name === undefined
      ? []
      : [{ name: band.name, icon: 'rect', itemStyle: { opacity: band.opacity + SWATCH_CONTRAST } }],
  );
  const legend = [...lines.map(({ name }) => ({ name })), ...namedBands];
  return draw(options, {
    legend: legendOf(legend, 'line'),
    xAxis: valueAxis(options.xName, 'x', false, byX),
    yAxis: valueAxis(options.yName, 'y', options.logY, byY),
    series: [
      ...bands.map(bandSeries),
      ...lines.map(({ name, points, dashed = false }, index) => ({
        type: 'line',
        name,
        data: points.filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y)),
        showSymbol: few && !dashed,
        symbol: 'circle',
        symbolSize: 6,
        // No more points than pixels.
        sampling: 'lttb',
        color: PALETTE[index % PALETTE.length],
        lineStyle: { width: 2, type: dashed ? 'dashed' : 'solid' },
      })),
    ],
  });
}

/** Points by category. */
export interface ScatterOptions extends ChartOptions {
  /** `[N]` */
  readonly x: ArrayLike<number>;
  /** `[N]` */
  readonly y: ArrayLike<number>;
  /** `[N]`, indices into `categoryNames`. */
  readonly categories: ArrayLike<number>;
  readonly categoryNames: readonly string[];
  readonly logX?: boolean;
  readonly logY?: boolean;
  /** Names of positions on the x axis. With them, x holds indices into this list. */
  readonly xLabels?: readonly string[];
}

/** Points colored by category, with a legend. */
export function scatterChart(options: ScatterOptions): Figure {
  const { x, y, categories, categoryNames, logX = false, logY = false, xLabels } = options;
  const byX = logX || xLabels !== undefined ? 1 : magnification(Array.from(x));
  const byY = logY ? 1 : magnification(Array.from(y));
  const points = categoryNames.map((): [number, number][] => []);
  for (let index = 0; index < x.length; index++) points[categories[index]!]?.push([x[index]! * byX, y[index]! * byY]);
  return draw(options, {
    legend: legendOf(
      categoryNames.map((name) => ({ name })),
      'circle',
    ),
    xAxis: {
      ...valueAxis(options.xName, 'x', logX, byX),
      ...(xLabels === undefined ? {} : { type: 'category', data: xLabels }),
    },
    yAxis: valueAxis(options.yName, 'y', logY, byY),
    series: categoryNames.map((name, category) => ({
      type: 'scatter',
      name,
      data: points[category],
      symbolSize: x.length > 2000 ? 3.5 : 6,
      itemStyle: { opacity: x.length > 2000 ? 0.65 : 0.8 },
    })),
  });
}

/** Table of numbers as colors. */
export interface HeatMapOptions extends ChartOptions {
  /** Row-major, `[yLabels.length, xLabels.length]`. The first row is at the top. */
  readonly values: ArrayLike<number>;
  readonly xLabels: readonly string[];
  readonly yLabels: readonly string[];
  /** Writes each value into its cell, with this many decimals. */
  readonly decimals?: number;
  /** Texts written into the cells instead of the values. */
  readonly cellLabels?: readonly string[];
}

/** Width of the color scale at the right. */
const SCALE_WIDTH = 90;
const LABEL_SIZE = 11;
const LABEL_GAP = 6;

/** Space for all labels of a heat map with cells of this size. Labels are rotated where they would overlap. */
function labelRoom(
  { xLabels, yLabels }: Pick<HeatMapOptions, 'xLabels' | 'yLabels'>,
  cell: { width: number; height: number },
) {
  const widestOf = (labels: readonly string[]): number =>
    Math.max(0, largest(labels.map((label) => textWidth(label, LABEL_SIZE))));
  const [x, y] = [widestOf(xLabels), widestOf(yLabels)];
  const rotate = x + LABEL_GAP <= cell.width ? 0 : cell.width >= 1.5 * LABEL_SIZE ? 45 : 90;
  const height = rotate === 0 ? LABEL_SIZE : x * Math.sin((rotate * Math.PI) / 180) + LABEL_SIZE;
  return {
    /** Where rows are lower than the letters, only some labels are shown. */
    xAxis: { rotate, ...(cell.width >= LABEL_SIZE && { interval: 0, hideOverlap: false }) },
    yAxis: cell.height >= LABEL_SIZE ? { interval: 0, hideOverlap: false } : {},
    xNameGap: Math.max(30, height + 3 * LABEL_GAP),
    yNameGap: Math.max(52, y + 3 * LABEL_GAP),
  };
}

/** Heat map with its color scale. All labels are shown where there is room. */
export function heatMap(options: HeatMapOptions): Figure {
  const { values, xLabels, yLabels, decimals, cellLabels, width = DEFAULT_WIDTH, height = DEFAULT_HEIGHT } = options;
  const grid = marginsOf(options, 0, SCALE_WIDTH);
  const room = labelRoom(options, {
    width: (width - grid.left - grid.right) / xLabels.length,
    height: (height - grid.top - grid.bottom) / yLabels.length,
  });
  const [left, bottom] = [room.yNameGap - 52, room.xNameGap - 30];
  const data = Array.from(values, (value, index) => [
    index % xLabels.length,
    Math.floor(index / xLabels.length),
    value,
  ]);
  const cellTexts = cellLabels?.map(figureText);
  const [min, max] = finiteRange(Array.from(values)) ?? [0, 1];
  // Light text on the dark end of the scale.
  const middle = min + 0.55 * (max - min);
  const [xAxis, yAxis] = [valueAxis(options.xName, 'x'), valueAxis(options.yName, 'y')];
  return draw(
    { ...options, width: width + left, height: height + bottom },
    {
      grid: { ...grid, left: grid.left + left, bottom: grid.bottom + bottom },
      xAxis: {
        ...xAxis,
        axisLabel: { ...xAxis.axisLabel, ...room.xAxis },
        nameGap: room.xNameGap,
        type: 'category',
        data: xLabels,
        splitLine: { show: false },
      },
      yAxis: {
        ...yAxis,
        axisLabel: { ...yAxis.axisLabel, ...room.yAxis },
        nameGap: room.yNameGap,
        type: 'category',
        data: yLabels,
        inverse: true,
        splitLine: { show: false },
      },
      visualMap: {
        type: 'continuous',
        calculable: false,
        min,
        max: max === min ? min + 1 : max,
        right: 12,
        top: 'middle',
        itemHeight: 200,
        text: [format(max), format(min)],
        textStyle: text(11),
        inRange: { color: [...HEAT_COLORS] },
      },
      series: [
        {
          type: 'heatmap',
          data: data.map((value) => ({
            value,
            label: { color: value[2]! > middle ? '#ffffff' : INK },
          })),
          label: {
            show: decimals !== undefined || cellLabels !== undefined,
            fontSize: 11,
            fontFamily: FONT,
            formatter: ({ value, dataIndex }: { value: number[]; dataIndex: number }) =>
              cellTexts?.[dataIndex] ?? value[2]!.toFixed(decimals),
          },
          itemStyle: { borderColor: BACKGROUND, borderWidth: 1 },
        },
      ],
    },
  );
}

export interface ConfusionMatrixOptions {
  readonly title: string;
  readonly subtitle?: string;
  /** Row-major `[K, K]`: number of examples of a true class (row) predicted as a class (column). */
  readonly counts: ArrayLike<number>;
  readonly classNames: readonly string[];
}

/** Confusion matrix with counts in the cells, colored by their fraction of the true class. */
export function confusionMatrix({ counts, classNames, ...titles }: ConfusionMatrixOptions): Figure {
  const classes = classNames.length;
  if (counts.length !== classes ** 2) {
    throw new Error(`confusionMatrix: expected ${classes ** 2} counts for ${classes} classes, got ${counts.length}`);
  }
  const cells = Array.from(counts);
  const totals = classNames.map((_, row) =>
    cells.slice(row * classes, (row + 1) * classes).reduce((sum, count) => sum + count, 0),
  );
  // Cells stay square, and wide enough for their counts.
  const size = Math.max(360, classes * 44);
  return heatMap({
    ...titles,
    xName: 'predicted',
    yName: 'actual',
    values: cells.map((count, index) => count / Math.max(1, totals[Math.floor(index / classes)]!)),
    cellLabels: cells.map((count) => (count === 0 ? '' : String(count))),
    xLabels: classNames,
    yLabels: classNames,
    width: size + 76 + SCALE_WIDTH,
    height: size + 52 + 58,
  });
}
