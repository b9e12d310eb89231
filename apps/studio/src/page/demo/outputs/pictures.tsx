import type {
  ActivationsOutput,
  BoxesOutput,
  HeatMap,
  HeatMapOutput,
  ImageGridOutput,
  ImageOutput,
} from '@motley/core/demo';
import { useEffect, useRef } from 'preact/hooks';
import { mapPixels } from '../parts/colors.ts';
import { number, percent } from '../parts/numbers.ts';
import { Picture } from '../parts/picture.tsx';
import type { OutputProps } from './props.ts';

export function ImageView({ value, label }: OutputProps<ImageOutput>) {
  return <Picture image={value} label={label} />;
}

export function ImageGridView({ output, value, label }: OutputProps<ImageGridOutput>) {
  return (
    <div class="demo-grid" style={{ gridTemplateColumns: `repeat(${output.columns}, minmax(0, 1fr))` }}>
      {value.map(({ image, caption }, index) => (
        <figure key={index}>
          <Picture image={image} label={caption ?? `${label} ${index + 1}`} />
          {caption !== undefined && <figcaption>{caption}</figcaption>}
        </figure>
      ))}
    </div>
  );
}

export function BoxesView({ value: { image, boxes }, label }: OutputProps<BoxesOutput>) {
  const inPercent = (part: number, whole: number): string => `${(100 * part) / whole}%`;
  return (
    <div class="demo-boxes">
      <Picture image={image} label={label} />
      {boxes.map(({ left, top, width, height, label: name, score }, index) => (
        <div
          key={index}
          class={`tone-${index % 6}`}
          style={{
            left: inPercent(left, image.width),
            top: inPercent(top, image.height),
            width: inPercent(width, image.width),
            height: inPercent(height, image.height),
          }}
        >
          <span>
            {name} {percent(score)}
          </span>
        </div>
      ))}
    </div>
  );
}

/** Names are drawn beside the cells as long as they can be read. */
const MAX_NAMES = 60;

export function HeatMapView({ output, value, label }: OutputProps<HeatMapOutput>) {
  const { rows = [], columns = [], width, height } = value;
  const hasRows = rows.length === height && height <= MAX_NAMES;
  const hasColumns = columns.length === width && width <= MAX_NAMES;
  return (
    <div class="demo-heat-map">
      <p class="demo-note">
        {output.rows} ↓ {output.columns} →
      </p>
      <div class={`demo-heat ${hasRows ? 'has-rows' : ''}`}>
        {hasColumns && (
          <ol class="demo-heat-columns">
            {columns.map((name, index) => (
              <li key={index}>
                <span>{name}</span>
              </li>
            ))}
          </ol>
        )}
        {hasRows && (
          <ol class="demo-heat-rows">
            {rows.map((name, index) => (
              <li key={index}>{name}</li>
            ))}
          </ol>
        )}
        <MapCanvas map={value} label={label} isLarge={hasRows || hasColumns} />
      </div>
    </div>
  );
}

interface MapCanvasProps {
  readonly map: HeatMap;
  readonly label: string;
  readonly isLarge?: boolean;
}

function MapCanvas({ map, label, isLarge = false }: MapCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { values, width, height, rows = [], columns = [] } = map;
  useEffect(() => {
    canvas.current!.getContext('2d')!.putImageData(mapPixels(values, width, height), 0, 0);
  }, [map]);
  return (
    <canvas
      ref={canvas}
      width={width}
      height={height}
      class="demo-pixels"
      role="img"
      aria-label={label}
      style={isLarge ? { height: `${height * 1.6}em` } : {}}
      onPointerMove={({ clientX, clientY, currentTarget }) => {
        const { left, top, width: across, height: down } = currentTarget.getBoundingClientRect();
        const column = Math.min(width - 1, Math.max(0, Math.floor(((clientX - left) / across) * width)));
        const row = Math.min(height - 1, Math.max(0, Math.floor(((clientY - top) / down) * height)));
        const place = `${rows[row] ?? row + 1}, ${columns[column] ?? column + 1}`;
        currentTarget.title = `${place}: ${number(values[row * width + column]!)}`;
      }}
    />
  );
}

function shapeOf({ width, height }: HeatMap): string {
  if (width <= 3 * height) return '';
  return height <= 4 ? 'is-wide is-thin' : 'is-wide';
}

/** Layers, each with the pictures of its units or one map. */
export function ActivationsView({ value }: OutputProps<ActivationsOutput>) {
  return (
    <div class="demo-layers">
      {value.map((layer, index) => (
        <figure key={`${layer.name}-${index}`} class={shapeOf(layer)}>
          <MapCanvas map={layer} label={layer.name} />
          <figcaption>{layer.name}</figcaption>
        </figure>
      ))}
    </div>
  );
}
