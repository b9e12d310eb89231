import { draw, format, text } from './chart-base.ts';
import type { Figure } from './figure.ts';
import { finiteRange } from './histogram-bins.ts';
import { FAINT_INK, HEAT_COLORS } from './style.ts';

export interface AttentionMapsOptions {
  readonly title: string;
  readonly subtitle?: string;
  /** `[N, Tq, Tk]`, row-major: for each head, the attention of each query to each key. */
  readonly weights: ArrayLike<number>;
  readonly shape: readonly [heads: number, queries: number, keys: number];
  /** `[Tq]`, such as tokens. Default: positions. */
  readonly queryLabels?: readonly string[];
  /** `[Tk]` */
  readonly keyLabels?: readonly string[];
  /** Heads in a row. Default: as many as make the page about square. */
  readonly columns?: number;
}

/** Space for labels beside and below each map, and between the maps. */
const LABEL_ROOM = 64;
const HEAD_ROOM = 26;
const TOP = 56;
const SCALE_ROOM = 84;
const MAP_SIZE = { least: 130, most: 420 } as const;
const CELL_SIZE = 20;

/**
 * One map per head on a common scale: queries from top to bottom, keys from left to right.
 * @throws Error where the values do not fill the shape
 */
export function attentionMaps(options: AttentionMapsOptions): Figure {
  const { weights, shape, columns = Math.ceil(Math.sqrt(shape[0])), ...titles } = options;
  const [heads, queries, keys] = shape;
  if (weights.length !== heads * queries * keys || weights.length === 0) {
    throw new Error(
      `attentionMaps: expected ${heads * queries * keys} weights for shape [${shape.join(', ')}], got ${weights.length}`,
    );
  }
  const sizeOf = (cells: number): number => Math.min(Math.max(cells * CELL_SIZE, MAP_SIZE.least), MAP_SIZE.most);
  const mapWidth = sizeOf(keys);
  const mapHeight = sizeOf(queries);
  const rows = Math.ceil(heads / columns);
  const top = TOP + (titles.subtitle === undefined ? 0 : 20);
  const places = Array.from({ length: heads }, (_, head) => ({
    left: LABEL_ROOM + (head % columns) * (mapWidth + LABEL_ROOM),
    top: top + HEAD_ROOM + Math.floor(head / columns) * (mapHeight + LABEL_ROOM + HEAD_ROOM),
    width: mapWidth,
    height: mapHeight,
  }));
  const positions = (count: number): string[] => Array.from({ length: count }, (_, index) => String(index));
  const axis = { type: 'category', splitLine: { show: false }, axisTick: { show: false }, axisLine: { show: false } };
  const label = { ...text(10, FAINT_INK), hideOverlap: true, width: LABEL_ROOM - 12, overflow: 'truncate' };
  const keyLabels = options.keyLabels ?? positions(keys);
  const queryLabels = options.queryLabels ?? positions(queries);
  const [, highest] = finiteRange(Array.from(weights)) ?? [0, 0];
  return draw(
    {
      ...titles,
      xName: '',
      yName: '',
      width: LABEL_ROOM + columns * (mapWidth + LABEL_ROOM) - LABEL_ROOM + SCALE_ROOM,
      height: top + rows * (mapHeight + LABEL_ROOM + HEAD_ROOM),
    },
    {
      grid: places,
      xAxis: places.map((_, head) => ({
        ...axis,
        gridIndex: head,
        data: keyLabels,
        axisLabel: { ...label, rotate: options.keyLabels === undefined ? 0 : 90 },
      })),
      yAxis: places.map((_, head) => ({
        ...axis,
        gridIndex: head,
        data: queryLabels,
        inverse: true,
        axisLabel: label,
      })),
      graphic: places.map((place, head) => ({
        type: 'text',
        left: place.left,
        top: place.top - HEAD_ROOM + 6,
        style: { text: `head ${head + 1}`, ...text(12), fill: text(12).color },
      })),
      visualMap: {
        type: 'continuous',
        calculable: false,
        min: 0,
        max: highest > 0 ? highest : 1,
        right: 12,
        top: 'middle',
        itemHeight: 160,
        text: [format(highest), '0'],
        textStyle: text(11),
        inRange: { color: [...HEAT_COLORS] },
      },
      series: places.map((_, head) => ({
        type: 'heatmap',
        xAxisIndex: head,
        yAxisIndex: head,
        data: Array.from({ length: queries * keys }, (__, cell) => [
          cell % keys,
          Math.floor(cell / keys),
          weights[head * queries * keys + cell],
        ]),
      })),
    },
  );
}
