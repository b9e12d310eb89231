import { withFigureTexts } from './figure-text.ts';
import type { Figure } from './figure.ts';
import { loadEcharts } from './packages.ts';
import { BACKGROUND, FAINT_INK, FONT, GRID, INK, PALETTE, renderPng, textWidth } from './style.ts';

type Echarts = ReturnType<typeof loadEcharts>;

let echarts: Echarts | undefined;

function charts(): Echarts {
  if (echarts !== undefined) return echarts;
  echarts = loadEcharts();
  // Without a browser, echarts underestimates the widths of letters, and words would overlap.
  echarts.setPlatformAPI({
    measureText: (content, font) => ({
      width: textWidth(content, Number.parseFloat(/[\d.]+px/.exec(font ?? '')?.[0] ?? '12')),
    }),
  });
  return echarts;
}

/** Options of every chart. Axis names include their units: `loss (nats per image)`. */
export interface ChartOptions {
  readonly title: string;
  /** Smaller line below the title. */
  readonly subtitle?: string;
  readonly xName: string;
  readonly yName: string;
  /** Pixels of the SVG. The PNG has twice as many. */
  readonly width?: number;
  readonly height?: number;
}

/** Formats four significant digits, without an exponent where possible. */
export function format(value: number): string {
  return String(Number(value.toPrecision(4)));
}

/** Text style of a size in pixels. */
export function text(fontSize: number, color: string = INK) {
  return { fontFamily: FONT, fontSize, color };
}

/** Text style of several lines. */
export function linesOf(fontSize: number, color: string = INK) {
  return { ...text(fontSize, color), lineHeight: Math.round(fontSize * 1.4) };
}

const LEGEND = { fontSize: 12, itemGap: 18, rowHeight: 30, edge: 10, iconGap: 5 } as const;

/** Legend below the chart with the names of the series in order. None for a single series. */
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

/** Number of rows of a legend in a chart of this width. */
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

/** Smaller values are rounded to 0 by ECharts, which writes at most 20 decimals. */
const SMALLEST_VALUE = 1e-12;

/** Power of ten that brings values of an axis to a size that ECharts can draw. 1 for values of usual size. */
export function magnification(values: Iterable<number>): number {
  let largest = 0;
  for (const value of values) if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
  // Of subnormal numbers, the reciprocal is infinite.
  return largest === 0 || largest >= SMALLEST_VALUE ? 1 : 10 ** Math.min(308, -Math.floor(Math.log10(largest)));
}

/**
 * Numeric axis with its name. Grid lines belong to the y axis.
 * @param magnified factor of the drawn values, by which the labels are divided
 */
export function valueAxis(name: string, axis: 'x' | 'y', isLog = false, magnified = 1) {
  const formatted = isLog || magnified !== 1 ? { formatter: (value: number) => format(value / magnified) } : {};
  return {
    type: isLog ? 'log' : 'value',
    scale: true,
    name,
    nameLocation: 'middle',
    nameGap: axis === 'x' ? 30 : 52,
    nameTextStyle: text(13),
    // Powers of ten would print as 0.00009999….
    axisLabel: { ...text(11, FAINT_INK), hideOverlap: true, ...formatted },
    axisLine: { show: axis === 'x', lineStyle: { color: FAINT_INK }, onZero: false },
    axisTick: { show: false },
    splitLine: { show: axis === 'y', lineStyle: { color: GRID } },
  };
}

/** Pixels between the edges of the chart and its plot. */
export interface Margins {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Space for title, axes and the rows of the legend. */
export function marginsOf({ subtitle }: ChartOptions, rows = 0, right = 28): Margins {
  return { left: 76, right, top: subtitle === undefined ? 52 : 72, bottom: 58 + rows * LEGEND.rowHeight };
}

export const DEFAULT_WIDTH = 760;
export const DEFAULT_HEIGHT = 480;

/** Renders a chart: the common parts, and `content`, options of ECharts, over them. */
export function draw(given: ChartOptions, givenContent: Readonly<Record<string, unknown>>, right?: number): Figure {
  const [options, content] = withFigureTexts([given, givenContent] as const);
  const { title, subtitle, width = DEFAULT_WIDTH, height = DEFAULT_HEIGHT } = options;
  const rows = legendRows(content.legend as ReturnType<typeof legendOf> | undefined, width);
  const chart = charts().init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
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
        ...(subtitle === undefined ? {} : { subtext: subtitle, subtextStyle: linesOf(12, FAINT_INK) }),
      },
      grid: marginsOf(options, rows, right),
      ...content,
    });
    const svg = chart.renderToSVGString();
    return { svg, png: renderPng(svg, 2) };
  } finally {
    // Else its clock would keep the process alive.
    chart.dispose();
  }
}
