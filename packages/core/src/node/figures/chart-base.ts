import { BarChart, CustomChart, HeatmapChart, LineChart, ScatterChart } from 'echarts/charts';
import {
  GraphicComponent,
  GridComponent,
  LegendComponent,
  TitleComponent,
  VisualMapComponent,
} from 'echarts/components';
import { init, use, type EChartsCoreOption } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { Figure } from './figure.ts';
import { BACKGROUND, FAINT_INK, FONT, GRID, INK, PALETTE, renderPng } from './style.ts';

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

/** A legend below the chart; `data` where not every series is to be in it. */
export function legendOf(show: boolean, icon: 'line' | 'circle', data?: readonly unknown[]) {
  const shape =
    icon === 'line' ? { icon: 'roundRect', itemWidth: 18, itemHeight: 4 } : { icon, itemWidth: 10, itemHeight: 10 };
  return {
    show,
    ...(data === undefined ? {} : { data }),
    ...shape,
    itemGap: 18,
    itemStyle: { opacity: 1 },
    bottom: 8,
    left: 'center',
    textStyle: text(12),
  };
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

/** Room for title, axes and legend. */
export function marginsOf({ subtitle }: ChartOptions, hasLegend = false, right = 28): Margins {
  return { left: 76, right, top: subtitle === undefined ? 52 : 72, bottom: hasLegend ? 88 : 58 };
}

export const DEFAULT_WIDTH = 760;
export const DEFAULT_HEIGHT = 480;

/** Renders a chart: what every chart has, and `content` over it. */
export function draw(options: ChartOptions, content: EChartsCoreOption, right?: number): Figure {
  const { title, subtitle, width = DEFAULT_WIDTH, height = DEFAULT_HEIGHT } = options;
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
    grid: marginsOf(options, hasLegend, right),
    ...content,
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return { svg, png: renderPng(svg, 2) };
}
