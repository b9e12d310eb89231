import uPlot from 'uplot';
import { formatNumber, formatSpan } from '../parts/format.ts';
import { drawSeries, type Plot, readColors } from './draw.ts';
import { type ChartLine, type ChartSeries, type Range, rangeOfX, rangeOfY } from './series.ts';

/** Everything that a chart shows. */
export interface ChartContent {
  readonly series: readonly ChartSeries[];
  readonly lines: readonly ChartLine[];
  /** Seen part of the x axis; undefined shows all. */
  readonly range: Range | undefined;
  readonly isLog: boolean;
  readonly isTrimmed: boolean;
  /** Whether x is in seconds. */
  readonly isTime: boolean;
}

export interface ChartEvents {
  readonly onZoom: (range: Range | undefined) => void;
  /** Position of the crosshair on the x axis; undefined where it left. */
  readonly onCursor: (x: number | undefined) => void;
}

/** uPlot's number for a logarithmic scale. */
const logarithmic: Readonly<Record<string, number>> = { distr: 3 };
const AXIS_FONT = '12px system-ui, sans-serif';
const WHEEL_STEP = 1.2;
const LEAST_DRAG_IN_PIXELS = 6;

/** Chart on a canvas: uPlot's axes, crosshair and selection, and curves drawn from columns of their own. */
export class LineChart {
  readonly #chart: uPlot;
  readonly #events: ChartEvents;
  readonly #cleanUp = new AbortController();
  #content: ChartContent;
  #y: Range | undefined;
  #colors = readColors();

  constructor(
    target: HTMLElement,
    size: { width: number; height: number },
    content: ChartContent,
    events: ChartEvents,
  ) {
    this.#content = content;
    this.#events = events;
    this.#chart = new uPlot(this.#options(size), this.#data(), target);
    this.#bindPointer(this.#chart.over);
  }

  /** Whole x range, or the seen part of it. */
  get range(): Range {
    const { range, series } = this.#content;
    return range ?? rangeOfX(series) ?? { min: 0, max: 1 };
  }

  get canvas(): HTMLCanvasElement {
    return this.#chart.ctx.canvas;
  }

  get yRange(): Range {
    this.#y ??= rangeOfY(this.#content.series, this.range, this.#content);
    return this.#y;
  }

  /** Shows other content on the same kind of y axis: that of a chart is fixed. */
  set(content: ChartContent): void {
    this.#content = content;
    this.#y = undefined;
    this.#chart.setData(this.#data(), true);
  }

  /** Takes the colors of the theme anew. */
  recolor(): void {
    this.#colors = readColors();
    this.#chart.redraw(false, true);
  }

  resize(width: number, height: number): void {
    this.#chart.setSize({ width, height });
  }

  /** Puts the crosshair at a place of the x axis, or takes it away. */
  setCursor(x: number | undefined): void {
    const left = x === undefined ? -10 : this.#chart.valToPos(x, 'x');
    this.#chart.setCursor({ left, top: x === undefined ? -10 : this.#chart.over.clientHeight / 2 }, false);
  }

  destroy(): void {
    this.#cleanUp.abort();
    this.#chart.destroy();
  }

  #data(): uPlot.AlignedData {
    const { min, max } = this.range;
    return [
      [min, max],
      [null, null],
    ];
  }

  #options({ width, height }: { width: number; height: number }): uPlot.Options {
    const axis: uPlot.Axis = {
      font: AXIS_FONT,
      stroke: () => this.#colors.muted,
      grid: { stroke: () => this.#colors.grid, width: 1 },
      ticks: { stroke: () => this.#colors.grid, width: 1, size: 4 },
    };
    return {
      width,
      height,
      legend: { show: false },
      padding: [10, 26, 0, 0],
      scales: {
        x: { time: false, range: () => [this.range.min, this.range.max] },
        y: {
          ...(this.#content.isLog ? logarithmic : {}),
          range: () => {
            const { min, max } = this.yRange;
            return [min, max];
          },
        },
      },
      axes: [
        {
          ...axis,
          size: 34,
          space: 64,
          values: (_, ticks) =>
            ticks.map((value) =>
              this.#content.isTime ? formatSpan(value) : formatNumber(Number(value.toPrecision(12))),
            ),
        },
        {
          ...axis,
          size: 62,
          space: 34,
          values: (_, ticks) =>
            ticks.map((value) =>
              (value as number | null) === null ? '' : formatNumber(Number(value.toPrecision(12))),
            ),
        },
      ],
      series: [{}, { show: true, points: { show: false }, paths: () => null }],
      cursor: {
        y: false,
        points: { show: false },
        drag: { x: true, y: false, setScale: false, dist: LEAST_DRAG_IN_PIXELS },
        bind: {
          mousedown: (_, __, handler) => (event) => {
            if (!event.shiftKey && event.button === 0) handler(event);
            return null;
          },
          dblclick: () => () => {
            this.#events.onZoom(undefined);
            return null;
          },
        },
      },
      hooks: {
        draw: [
          (chart) => {
            drawSeries(this.#plot(chart), this.#content.series, this.#content.lines);
          },
        ],
        setCursor: [
          (chart) => {
            const { left } = chart.cursor;
            this.#events.onCursor(left === undefined || left < 0 ? undefined : chart.posToVal(left, 'x'));
          },
        ],
        setSelect: [
          (chart) => {
            const { left, width: selected } = chart.select;
            if (selected < LEAST_DRAG_IN_PIXELS) return;
            chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
            this.#events.onZoom({ min: chart.posToVal(left, 'x'), max: chart.posToVal(left + selected, 'x') });
          },
        ],
      },
    };
  }

  #plot({ ctx, bbox }: uPlot): Plot {
    return {
      context: ctx,
      left: bbox.left,
      top: bbox.top,
      width: bbox.width,
      height: bbox.height,
      ratio: uPlot.pxRatio,
      x: this.range,
      y: this.yRange,
      isLog: this.#content.isLog,
      colors: this.#colors,
    };
  }

  /** Shift and drag pans; Ctrl and the wheel zoom, as a pinch on a touchpad does. */
  #bindPointer(over: HTMLElement): void {
    const { signal } = this.#cleanUp;
    let held: { x: number; range: Range } | undefined;
    over.addEventListener(
      'pointerdown',
      (event) => {
        if (!event.shiftKey || event.button !== 0) return;
        held = { x: event.clientX, range: this.range };
        over.setPointerCapture(event.pointerId);
      },
      { signal },
    );
    over.addEventListener(
      'pointermove',
      (event) => {
        if (held === undefined) return;
        const { min, max } = held.range;
        const by = ((held.x - event.clientX) / over.clientWidth) * (max - min);
        this.#events.onZoom({ min: min + by, max: max + by });
      },
      { signal },
    );
    const release = (): void => {
      held = undefined;
    };
    over.addEventListener('pointerup', release, { signal });
    over.addEventListener('pointercancel', release, { signal });
    over.addEventListener(
      'wheel',
      (event) => {
        if (!event.ctrlKey && !event.metaKey) return;
        event.preventDefault();
        const bounds = over.getBoundingClientRect();
        const part = (event.clientX - bounds.left) / bounds.width;
        this.#events.onZoom(zoomed(this.range, event.deltaY > 0 ? WHEEL_STEP : 1 / WHEEL_STEP, part));
      },
      { signal, passive: false },
    );
  }
}

/** A range made wider (`factor` above 1) or narrower around a place in it, 0 at its left end and 1 at its right one. */
export function zoomed({ min, max }: Range, factor: number, part = 0.5): Range {
  const middle = min + (max - min) * part;
  return { min: middle - (middle - min) * factor, max: middle + (max - middle) * factor };
}
