import { Marker } from '../charts/sample.tsx';
import { MARKERS } from '../charts/series.ts';
import { Select } from '../parts/controls.tsx';
import { formatNumber, formatValue } from '../parts/format.ts';
import { goTo, setQuery, textOf } from '../state/address.ts';
import { metricsOf } from '../table/fields.ts';
import { comparedRuns, differingColumns, stylesOf, valueOf } from './chosen.ts';
import { scaleOf } from './scale.ts';

const WIDTH = 860;
const HEIGHT = 420;
const MARGIN = { left: 80, right: 24, top: 20, bottom: 56 };

/** A metric of each run against a field of its configuration. */
export function Scatter() {
  const rows = comparedRuns.value;
  const fields = [
    ...new Set([...differingColumns.value.map(({ field }) => field), 'took', 'step', ...metricsOf(rows)]),
  ];
  const metrics = metricsOf(rows);
  const x = fields.includes(textOf('field')) ? textOf('field') : fields[0]!;
  const objective = rows[0]?.objective?.name ?? '';
  const y = metrics.includes(textOf('metric'))
    ? textOf('metric')
    : metrics.includes(objective)
      ? objective
      : metrics[0];
  if (y === undefined) return <p class="muted">These runs have no metrics yet.</p>;
  const [xs, ys] = [rows.map((row) => valueOf(row, x)), rows.map((row) => valueOf(row, y))];
  const [xScale, yScale] = [scaleOf(xs), scaleOf(ys)];
  const styles = stylesOf(rows.map(({ id }) => id));
  const left = (at: number): number => MARGIN.left + 12 + at * (WIDTH - MARGIN.left - MARGIN.right - 24);
  const top = (at: number): number => HEIGHT - MARGIN.bottom - 12 - at * (HEIGHT - MARGIN.top - MARGIN.bottom - 24);
  return (
    <>
      <div class="toolbar">
        <Select
          label="Across"
          choices={fields}
          value={x}
          onChange={(field) => {
            setQuery({ field });
          }}
        />
        <Select
          label="Up"
          choices={metrics}
          value={y}
          onChange={(metric) => {
            setQuery({ metric });
          }}
        />
      </div>
      <div class="scroll picture" tabIndex={0} role="region" aria-label={`${y} against ${x}`}>
        <svg
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          class="plot"
          role="group"
          aria-label={`${y} against ${x}, a point a run`}
        >
          {xScale.ticks.map(({ at, label }) => (
            <g key={label}>
              <line class="grid-line" x1={left(at)} x2={left(at)} y1={MARGIN.top} y2={HEIGHT - MARGIN.bottom} />
              <text x={left(at)} y={HEIGHT - MARGIN.bottom + 18} text-anchor="middle">
                {label}
              </text>
            </g>
          ))}
          {yScale.ticks.map(({ at, label }) => (
            <g key={label}>
              <line class="grid-line" x1={MARGIN.left} x2={WIDTH - MARGIN.right} y1={top(at)} y2={top(at)} />
              <text x={MARGIN.left - 8} y={top(at) + 4} text-anchor="end">
                {label}
              </text>
            </g>
          ))}
          <text class="axis-name" x={WIDTH - MARGIN.right} y={HEIGHT - 10} text-anchor="end">
            {x}
          </text>
          <text class="axis-name" x={MARGIN.left} y={12}>
            {y}
          </text>
          {rows.map((row, index) => {
            const [across, up] = [xScale.place(xs[index]), yScale.place(ys[index])];
            if (across === undefined || up === undefined) return null;
            const style = styles[index]!;
            const text = `${row.name}: ${x} ${formatValue(xs[index])}, ${y} ${formatNumber(ys[index] as number)}`;
            const open = (): void => {
              goTo(['run', row.id]);
            };
            return (
              <g
                key={row.id}
                class="point"
                role="link"
                tabIndex={0}
                aria-label={text}
                data-color={style.color + 1}
                onClick={open}
                onKeyDown={(event) => {
                  if (event.key === 'Enter') open();
                }}
              >
                <title>{text}</title>
                <Marker kind={MARKERS[style.marker]!} x={left(across)} y={top(up)} size={6} />
              </g>
            );
          })}
        </svg>
      </div>
    </>
  );
}
