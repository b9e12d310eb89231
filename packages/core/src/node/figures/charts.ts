import { HeatmapChart, LineChart, ScatterChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TitleComponent, VisualMapComponent } from 'echarts/components';
import { init, use, type EChartsCoreOption } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { Figure } from './figure.ts';
import { BACKGROUND, FAINT_INK, FONT, GRID, HEAT_COLOURS, INK, PALETTE, renderPng } from './style.ts';

use([
  GridComponent,
  HeatmapChart,
  LegendComponent,
  LineChart,
  ScatterChart,
  SVGRenderer,
  TitleComponent,
  VisualMapComponent,
]);

/** What every chart has. Axis names carry their units: `loss (nats per image)`. */
export interface ChartOptions {
  readonly title: string;
  /** A smaller line below the title. */
  readonly subtitle?: string;
  readonly xName: string;
  readonly yName: string;
  /** In pixels of the SVG; the PNG has twice as many. */
  readonly width?: number;
  readonly height?: number;
}

/** A named curve. */
export interface Line {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** Curves over a common x axis, named in a legend where there are several. */
export function lineChart(
  options: ChartOptions & { readonly lines: readonly Line[]; readonly logY?: boolean },
): Figure {
  const few = options.lines.every(({ points }) => points.length <= 30);
  return draw(options, {
    legend: legendOf(options.lines.length > 1, 'line'),
    xAxis: valueAxis(options.xName, 'x'),
    yAxis: { ...valueAxis(options.yName, 'y'), type: options.logY === true ? 'log' : 'value' },
    series: options.lines.map(({ name, points }) => ({
      type: 'line',
      name,
      data: points.filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y)),
      showSymbol: few,
      symbol: 'circle',
      symbolSize: 6,
      lineStyle: { width: 2 },
    })),
  });
}

/** Points by category. */
export interface ScatterOptions extends ChartOptions {
  /** `[N]` */
  readonly x: ArrayLike<number>;
  /** `[N]` */
  readonly y: ArrayLike<number>;
  /** `[N]`, positions in `categoryNames`. */
  readonly categories: ArrayLike<number>;
  readonly categoryNames: readonly string[];
}

/** Points coloured by category, with a legend. */
export function scatterChart(options: ScatterOptions): Figure {
  const { x, y, categories, categoryNames } = options;
  const points = categoryNames.map((): [number, number][] => []);
  for (let index = 0; index < x.length; index++) points[categories[index]!]?.push([x[index]!, y[index]!]);
  return draw(options, {
    legend: legendOf(categoryNames.length > 1, 'circle'),
    xAxis: valueAxis(options.xName, 'x'),
    yAxis: valueAxis(options.yName, 'y'),
    series: categoryNames.map((name, category) => ({
      type: 'scatter',
      name,
      data: points[category],
      symbolSize: x.length > 2000 ? 3.5 : 6,
      itemStyle: { opacity: x.length > 2000 ? 0.65 : 0.8 },
    })),
  });
}

/** A table of numbers as colours. */
export interface HeatMapOptions extends ChartOptions {
  /** Row-major, `[yLabels.length, xLabels.length]`; the first row is on top. */
  readonly values: ArrayLike<number>;
  readonly xLabels: readonly string[];
  readonly yLabels: readonly string[];
  /** Writes each value into its cell, with so many decimals. */
  readonly decimals?: number;
}

/** A heat map with its colour scale. */
export function heatMap(options: HeatMapOptions): Figure {
  const { values, xLabels, yLabels, decimals } = options;
  const data = Array.from(values, (value, index) => [
    index % xLabels.length,
    Math.floor(index / xLabels.length),
    value,
  ]);
  const finite = Array.from(values).filter(Number.isFinite);
  const [min, max] = [Math.min(...finite), Math.max(...finite)];
  // Dark ends of the scale take light text.
  const middle = min + 0.55 * (max - min);
  return draw(
    options,
    {
      xAxis: { ...valueAxis(options.xName, 'x'), type: 'category', data: xLabels, splitLine: { show: false } },
      yAxis: {
        ...valueAxis(options.yName, 'y'),
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
        inRange: { color: [...HEAT_COLOURS] },
      },
      series: [
        {
          type: 'heatmap',
          data: data.map((value) => ({
            value,
            label: { color: value[2]! > middle ? '#ffffff' : INK },
          })),
          label: {
            show: decimals !== undefined,
            fontSize: 11,
            fontFamily: FONT,
            formatter: ({ value }: { value: number[] }) => value[2]!.toFixed(decimals),
          },
          itemStyle: { borderColor: BACKGROUND, borderWidth: 1 },
        },
      ],
    },
    90,
  );
}

/** Four significant digits, no exponent where none is needed. */
function format(value: number): string {
  return String(Number(value.toPrecision(4)));
}

function text(fontSize: number, color: string = INK) {
  return { fontFamily: FONT, fontSize, color };
}

function legendOf(show: boolean, icon: 'line' | 'circle') {
  const shape =
    icon === 'line' ? { icon: 'roundRect', itemWidth: 18, itemHeight: 4 } : { icon, itemWidth: 10, itemHeight: 10 };
  return { show, ...shape, itemGap: 18, itemStyle: { opacity: 1 }, bottom: 8, left: 'center', textStyle: text(12) };
}

function valueAxis(name: string, axis: 'x' | 'y') {
  return {
    type: 'value',
    scale: true,
    name,
    nameLocation: 'middle',
    nameGap: axis === 'x' ? 30 : 52,
    nameTextStyle: text(13),
    axisLabel: { ...text(11, FAINT_INK), hideOverlap: true },
    axisLine: { show: axis === 'x', lineStyle: { color: FAINT_INK }, onZero: false },
    axisTick: { show: false },
    splitLine: { show: axis === 'y', lineStyle: { color: GRID } },
  };
}

function draw(options: ChartOptions, content: EChartsCoreOption, right = 28): Figure {
  const { title, subtitle, width = 760, height = 480 } = options;
  const hasLegend = (content.legend as { show?: boolean } | undefined)?.show === true;
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  chart.setOption({
    animation: false,
    backgroundColor: BACKGROUND,
    color: [...PALETTE],
    textStyle: text(12),
    title: {
      text: title,
      left: 'center',
      top: 12,
      itemGap: 6,
      textStyle: { ...text(16), fontWeight: 'bold' },
      ...(subtitle === undefined ? {} : { subtext: subtitle, subtextStyle: text(12, FAINT_INK) }),
    },
    grid: { left: 76, right, top: subtitle === undefined ? 52 : 72, bottom: hasLegend ? 88 : 58 },
    ...content,
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return { svg, png: renderPng(svg, 2) };
}
