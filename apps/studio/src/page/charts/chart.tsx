import { signal } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import { formatNumber, formatSpan } from '../parts/format.ts';
import { Icon } from '../parts/icons.tsx';
import { Menu } from '../parts/menu.tsx';
import { colorVersion } from '../state/theme.ts';
import { downloadCsv, downloadPng, downloadSvg } from './download.ts';
import { LineChart, type ChartContent, zoomed } from './line-chart.ts';
import { SeriesSample } from './sample.tsx';
import { type ChartSeries, nearestTo, type Range } from './series.ts';

/** Place of the crosshair on the x axis, in all charts of the page at once. */
const crosshair = signal<number | undefined>(undefined);

export interface ChartProps {
  readonly title: string;
  /** Name of the x axis, such as `step`. */
  readonly xName: string;
  readonly content: ChartContent;
  readonly onZoom: (range: Range | undefined) => void;
  readonly height?: number;
  /** Where the curves are as a table in full; without it a table holds what is drawn. */
  readonly csv?: string;
  readonly message?: string | undefined;
}

/** A chart with its legend, which has the values at the crosshair, and its buttons. */
export function Chart({ title, xName, content, onZoom, height = 260, csv, message }: ChartProps) {
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<LineChart | undefined>(undefined);
  const isLog = useRef(content.isLog);
  const [width, setWidth] = useState(0);
  const latest = useRef({ onZoom, content });
  latest.current = { onZoom, content };

  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      setWidth(Math.floor(entry!.contentRect.width));
    });
    observer.observe(host.current!);
    return () => {
      observer.disconnect();
    };
  }, []);

  useEffect(() => {
    if (width === 0) return;
    if (isLog.current !== content.isLog) {
      chart.current?.destroy();
      chart.current = undefined;
    }
    isLog.current = content.isLog;
    if (chart.current === undefined)
      chart.current = new LineChart(host.current!, { width, height }, latest.current.content, {
        onZoom: (range) => {
          latest.current.onZoom(range);
        },
        onCursor: (x) => {
          crosshair.value = x;
        },
      });
    else chart.current.resize(width, height);
  }, [width, height, content.isLog]);

  useEffect(() => () => chart.current?.destroy(), []);
  useEffect(() => {
    chart.current?.set(content);
  }, [
    content.series,
    content.lines,
    content.range?.min,
    content.range?.max,
    content.isLog,
    content.isTrimmed,
    content.isTime,
  ]);
  useEffect(() => {
    chart.current?.recolor();
  }, [colorVersion.value]);
  useEffect(
    () =>
      crosshair.subscribe((x) => {
        chart.current?.setCursor(x);
      }),
    [],
  );

  const onKeyDown = (event: KeyboardEvent): void => {
    if (chart.current === undefined || event.target !== event.currentTarget) return;
    const { range } = chart.current;
    const step = (range.max - range.min) / (event.shiftKey ? 10 : 100);
    const pan = (by: number): void => {
      onZoom({ min: range.min + by, max: range.max + by });
    };
    const actions: Record<string, () => void> = {
      ArrowLeft: () => (crosshair.value = Math.max(range.min, (crosshair.value ?? range.max) - step)),
      ArrowRight: () => (crosshair.value = Math.min(range.max, (crosshair.value ?? range.min) + step)),
      Home: () => (crosshair.value = range.min),
      End: () => (crosshair.value = range.max),
      '+': () => {
        onZoom(zoomed(range, 1 / 1.5));
      },
      '-': () => {
        onZoom(zoomed(range, 1.5));
      },
      '0': () => {
        onZoom(undefined);
      },
      PageUp: () => {
        pan(-(range.max - range.min) / 2);
      },
      PageDown: () => {
        pan((range.max - range.min) / 2);
      },
      Escape: () => (crosshair.value = undefined),
    };
    const action = actions[event.key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  };

  return (
    <figure class="chart" data-chart={title}>
      <figcaption class="chart-head">
        <h2>{title}</h2>
        <div class="chart-tools">
          {content.range !== undefined && (
            <button
              type="button"
              class="quiet"
              onClick={() => {
                onZoom(undefined);
              }}
            >
              Whole range
            </button>
          )}
          <button
            type="button"
            class="icon"
            aria-label={`Zoom into ${title}`}
            title="Zoom in (+)"
            onClick={() => {
              if (chart.current) onZoom(zoomed(chart.current.range, 1 / 1.5));
            }}
          >
            <Icon name="plus" />
          </button>
          <button
            type="button"
            class="icon"
            aria-label={`Zoom out of ${title}`}
            title="Zoom out (-)"
            onClick={() => {
              if (chart.current) onZoom(zoomed(chart.current.range, 1.5));
            }}
          >
            <Icon name="minus" />
          </button>
          <Downloads
            title={title}
            csv={
              csv ??
              (() => {
                downloadCsv(title, xName, content.series);
              })
            }
            png={() => {
              if (chart.current) downloadPng(title, chart.current.canvas, content.series);
            }}
            svg={() => {
              if (chart.current)
                downloadSvg(title, xName, { content, x: chart.current.range, y: chart.current.yRange });
            }}
          />
        </div>
      </figcaption>
      <div
        class="chart-canvas"
        ref={host}
        tabIndex={0}
        role="group"
        aria-label={`${title} by ${xName}. Arrow keys move the crosshair, plus and minus zoom, 0 shows all.`}
        onKeyDown={onKeyDown}
        style={{ minHeight: `${height}px` }}
      />
      {message !== undefined && <p class="chart-message">{message}</p>}
      <Legend series={content.series} xName={xName} isTime={content.isTime} />
    </figure>
  );
}

interface DownloadsProps {
  readonly title: string;
  readonly csv: string | (() => void);
  readonly png: () => void;
  readonly svg: () => void;
}

function Downloads({ title, csv, png, svg }: DownloadsProps) {
  return (
    <Menu label={`Download ${title}`} sign={<Icon name="download" />}>
      {typeof csv === 'string' ? (
        <a class="button" href={csv} download>
          CSV
        </a>
      ) : (
        <button type="button" onClick={csv}>
          CSV
        </button>
      )}
      <button type="button" onClick={png}>
        PNG
      </button>
      <button type="button" onClick={svg}>
        SVG
      </button>
    </Menu>
  );
}

interface LegendProps {
  readonly series: readonly ChartSeries[];
  readonly xName: string;
  readonly isTime: boolean;
}

/** Names and looks of the series, with their values at the crosshair or at the end. */
function Legend({ series, xName, isTime }: LegendProps) {
  const x = crosshair.value;
  return (
    <div class="legend">
      <span class="legend-x">
        {x === undefined ? 'last' : `${xName} ${isTime ? formatSpan(x) : formatNumber(Number(x.toPrecision(6)))}`}
      </span>
      <ul>
        {series.map((each) => {
          const at = x === undefined ? each.x.length - 1 : nearestTo(each.x, x);
          return (
            <li key={each.id}>
              <SeriesSample style={each.style} />
              <span class="legend-name">{each.label}</span>
              <span class="legend-value">{formatNumber(at < 0 ? undefined : each.y[at])}</span>
              {each.raw !== undefined && at >= 0 && <span class="legend-raw">({formatNumber(each.raw[at])})</span>}
            </li>
          );
        })}
      </ul>
    </div>
  );
}
