import { BarChart, CustomChart, HeatmapChart, LineChart, ScatterChart } from 'echarts/charts';
import {
  GraphicComponent,
  GridComponent,
  LegendComponent,
  TitleComponent,
  VisualMapComponent,
} from 'echarts/components';
import { init, setPlatformAPI, use, type EChartsCoreOption } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { Figure } from './figure.ts';
import { BACKGROUND, FAINT_INK, FONT, GRID, INK, PALETTE, renderPng, textWidth } from './style.ts';

use([
  BarChart,
  CustomChart,
  GraphicComponent,
  GridComponent,
  HeatmapChart,
  LegendComponent,
  LineChart,
  ScatterChart,
  SVGRenderer,
  TitleComponent,
  VisualMapComponent,
]);

// Without a browser, echarts takes letters to be narrower than they are, and lets words run into one another.
setPlatformAPI({
  measureText: (content, font) => ({
    width: textWidth(content, Number.parseFloat(/[\d.]+px/.exec(font ?? '')?.[0] ?? '12')),
  }),
});

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

/** Four significant digits, no exponent where none is needed. */
export function format(value: number): string {
  return String(Number(value.toPrecision(4)));
}

/** Text of a size in pixels. */
export function text(fontSize: number, color: string = INK) {
  return { fontFamily: FONT, fontSize, color };
}

const LEGEND = { fontSize: 12, itemGap: 18, rowHeight: 30, edge: 10, iconGap: 5 } as const;

/** A legend below the chart, of the series' names in their order; none where there is but one. */
export function legendOf(
  items: readonly { readonly name: string; readonly icon?: string; readonly itemStyle?: object }[],
  icon: 'line' | 'circle',
) {
  const shape =
    icon === 'line' ? { icon: 'roundRect', itemWidth: 18, itemHeight: 4 } : { icon, itemWidth: 10, itemHeight: 10 };
  return {
    show: items.length > 1,
    data: items,
    ...shape,
    itemGap: LEGEND.itemGap,
    itemStyle: { opacity: 1 },
    bottom: 8,
    left: 'center',
    textStyle: text(LEGEND.fontSize),
  };
}

/** How many rows a legend takes in a chart of this width. */
function legendRows(legend: ReturnType<typeof legendOf> | undefined, width: number): number {
  if (legend?.show !== true) return 0;
  const room = width - 2 * LEGEND.edge;
  let rows = 1;
  let filled = 0;
  for (const { name } of legend.data) {
    const item = legend.itemWidth + LEGEND.iconGap + textWidth(name, LEGEND.fontSize);
    if (filled > 0 && filled + item > room) {
      rows++;
      filled = 0;
    }
    filled += item + LEGEND.itemGap;
  }
  return rows;
}

/** A numeric axis with its name; the grid's lines are the y axis's. */
export function valueAxis(name: string, axis: 'x' | 'y', isLog = false) {
  return {
    type: isLog ? 'log' : 'value',
    scale: true,
    name,
    nameLocation: 'middle',
    nameGap: axis === 'x' ? 30 : 52,
    nameTextStyle: text(13),
    // Powers of ten come out as 0.00009999….
    axisLabel: { ...text(11, FAINT_INK), hideOverlap: true, ...(isLog ? { formatter: format } : {}) },
    axisLine: { show: axis === 'x', lineStyle: { color: FAINT_INK }, onZero: false },
    axisTick: { show: false },
    splitLine: { show: axis === 'y', lineStyle: { color: GRID } },
  };
}

/** Pixels between the chart's edges and the plot itself. */
export interface Margins {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Room for title, axes and the legend's rows. */
export function marginsOf({ subtitle }: ChartOptions, rows = 0, right = 28): Margins {
  return { left: 76, right, top: subtitle === undefined ? 52 : 72, bottom: 58 + rows * LEGEND.rowHeight };
}

export const DEFAULT_WIDTH = 760;
export const DEFAULT_HEIGHT = 480;

/** Renders a chart: what every chart has, and `content` over it. */
export function draw(options: ChartOptions, content: EChartsCoreOption, right?: number): Figure {
  const { title, subtitle, width = DEFAULT_WIDTH, height = DEFAULT_HEIGHT } = options;
  const rows = legendRows(content.legend as ReturnType<typeof legendOf> | undefined, width);
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
    grid: marginsOf(options, rows, right),
    ...content,
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return { svg, png: renderPng(svg, 2) };
}
