import { OUTLINES } from './draw.ts';
import { DASHES, MARKERS, type SeriesStyle } from './series.ts';

/** A short line in the look of a series: color, dashes and marker. */
export function SeriesSample({ style }: { readonly style: SeriesStyle }) {
  return (
    <svg class="sample" width="30" height="12" viewBox="0 0 30 12" aria-hidden="true" data-color={style.color + 1}>
      <line x1="0" y1="6" x2="30" y2="6" stroke-width="2" stroke-dasharray={DASHES[style.dash]!.join(' ')} />
      <Marker kind={MARKERS[style.marker % MARKERS.length]!} x={15} y={6} size={3.2} />
    </svg>
  );
}

interface MarkerProps {
  readonly kind: (typeof MARKERS)[number];
  readonly x: number;
  readonly y: number;
  readonly size: number;
}

/** A marker of a series in a picture. */
export function Marker({ kind, x, y, size }: MarkerProps) {
  if (kind === 'circle') return <circle cx={x} cy={y} r={size} />;
  if (kind === 'square') return <rect x={x - size} y={y - size} width={2 * size} height={2 * size} />;
  const path = OUTLINES[kind]
    .map(([move, dx, dy]) => `${move === 'moveTo' ? 'M' : 'L'}${x + dx * size} ${y + dy * size}`)
    .join('');
  return <path d={path} class={kind === 'cross' || kind === 'plus' ? 'open' : undefined} />;
}
