import { number } from './numbers.ts';

export interface PlotLine {
  readonly x: Float32Array;
  readonly y: Float32Array;
  /** Place in the palette; dashes differ with it, for readers without color vision. */
  readonly tone: number;
  readonly name?: string;
}

interface PlotBand {
  readonly x: Float32Array;
  readonly low: Float32Array;
  readonly high: Float32Array;
}

interface PlotProps {
  readonly lines: readonly PlotLine[];
  readonly bands?: readonly PlotBand[];
  readonly label: string;
  readonly height?: number;
  /** Of the vertical axis; by default that of the values. */
  readonly range?: readonly [low: number, high: number];
  /** Without axes and legend. */
  readonly isBare?: boolean;
}

const WIDTH = 600;

/** Lines and bands over shared axes. */
export function Plot({ lines, bands = [], label, height = 200, range, isBare = false }: PlotProps) {
  const [left, right] = extent([...lines.map(({ x }) => x), ...bands.map(({ x }) => x)]);
  const heights = [...lines.map(({ y }) => y), ...bands.flatMap(({ low, high }) => [low, high])];
  const [low, high] = range ?? padded(extent(heights));
  const toX = (x: number): number => (right === left ? 0 : (WIDTH * (x - left)) / (right - left));
  const toY = (y: number): number => height - (high === low ? 0.5 : (y - low) / (high - low)) * height;
  const named = lines.filter(({ name }) => name !== undefined);
  return (
    <figure class={`demo-plot ${isBare ? 'is-bare' : ''}`}>
      {!isBare && (
        <div class="demo-plot-ends" aria-hidden="true">
          <span>{number(high)}</span>
          <span>{number(low)}</span>
        </div>
      )}
      <svg viewBox={`0 0 ${WIDTH} ${height}`} preserveAspectRatio="none" role="img" aria-label={label}>
        {low < 0 && high > 0 && <line class="demo-plot-zero" x1={0} x2={WIDTH} y1={toY(0)} y2={toY(0)} />}
        {bands.map((band, index) => (
          <path key={index} class="demo-plot-band" d={bandPath(band, toX, toY)} />
        ))}
        {lines.map((line, index) => (
          <path key={index} class={`demo-plot-line tone-${line.tone % 6}`} d={linePath(line, toX, toY)} />
        ))}
      </svg>
      {!isBare && named.length > 0 && (
        <figcaption>
          {named.map(({ name, tone }) => (
            <span key={name} class={`tone-${tone % 6}`}>
              <i aria-hidden="true" />
              <b>{name}</b>
            </span>
          ))}
        </figcaption>
      )}
    </figure>
  );
}

type Scale = (value: number) => number;

function linePath({ x, y }: PlotLine, toX: Scale, toY: Scale): string {
  let path = '';
  let isDown = false;
  for (let at = 0; at < y.length; at++) {
    if (Number.isFinite(y[at])) path += `${isDown ? 'L' : 'M'}${toX(x[at]!).toFixed(1)} ${toY(y[at]!).toFixed(1)}`;
    isDown = Number.isFinite(y[at]);
  }
  return path;
}

function bandPath({ x, low, high }: PlotBand, toX: Scale, toY: Scale): string {
  const point = (at: number, y: Float32Array): string => `${toX(x[at]!).toFixed(1)} ${toY(y[at]!).toFixed(1)}`;
  const there = Array.from(x, (_, at) => point(at, high));
  const back = Array.from(x, (_, at) => point(at, low)).reverse();
  return `M${[...there, ...back].join('L')}Z`;
}

function extent(arrays: readonly Float32Array[]): [low: number, high: number] {
  let [low, high] = [Infinity, -Infinity];
  for (const values of arrays)
    for (const value of values) if (Number.isFinite(value)) [low, high] = [Math.min(low, value), Math.max(high, value)];
  return low <= high ? [low, high] : [0, 1];
}

function padded([low, high]: readonly [number, number]): [number, number] {
  const margin = (high - low || Math.abs(high) || 1) * 0.05;
  return [low >= 0 ? Math.max(0, low - margin) : low - margin, high + margin];
}
