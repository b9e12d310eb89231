import type { PathOutput } from '@motley/core/demo';
import { percent } from '../parts/numbers.ts';
import type { OutputProps } from './props.ts';

const COLUMN_WIDTH = 150;
const ROW_HEIGHT = 46;
const BOX = { width: 108, height: 34 } as const;

/** Graph from left to right; what was taken is thick, what was not is dashed. */
export function PathView({ value: { columns, edges }, label }: OutputProps<PathOutput>) {
  const rows = columns.reduce((most, { length }) => Math.max(most, length), 1);
  const height = rows * ROW_HEIGHT;
  const width = (columns.length - 1) * COLUMN_WIDTH + BOX.width + 2;
  const places = new Map(
    columns.flatMap((nodes, column) =>
      nodes.map(({ id }, row) => {
        const top = ((row + 0.5) * height) / nodes.length;
        return [id, { x: column * COLUMN_WIDTH + 1, y: top }] as const;
      }),
    ),
  );
  const taken = new Set(columns[0]?.map(({ id }) => id));
  for (const { to, share } of edges) if (share > 0) taken.add(to);
  return (
    // A telephone scrolls it, by keyboard too.
    <div class="demo-path" tabIndex={0} role="group" aria-label={label}>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={label}
        style={{ minWidth: `${width * 0.7}px`, maxWidth: `${width * 1.25}px` }}
      >
        {edges.map(({ from, to, share }) => {
          const [start, end] = [places.get(from), places.get(to)];
          if (start === undefined || end === undefined) return null;
          const [x1, x2] = [start.x + BOX.width, end.x];
          const middle = (x1 + x2) / 2;
          return (
            <path
              key={`${from}>${to}`}
              class={share > 0 ? 'is-taken' : ''}
              d={`M${x1} ${start.y}C${middle} ${start.y} ${middle} ${end.y} ${x2} ${end.y}`}
              style={{ strokeWidth: String(1 + 5 * share) }}
            />
          );
        })}
        {columns.flat().map(({ id, label: name, share }) => {
          const { x, y } = places.get(id)!;
          return (
            <g key={id} class={taken.has(id) ? 'is-taken' : ''}>
              <rect x={x} y={y - BOX.height / 2} width={BOX.width} height={BOX.height} rx={6} />
              <rect
                class="demo-path-share"
                x={x}
                y={y + BOX.height / 2 - 4}
                width={BOX.width * Math.min(1, share)}
                height={4}
                rx={2}
              />
              <text x={x + BOX.width / 2} y={y + 1}>
                {name}
              </text>
              <title>
                {name}: {percent(share)}
              </title>
            </g>
          );
        })}
      </svg>
    </div>
  );
}
