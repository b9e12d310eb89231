import { DASHES } from '../charts/series.ts';
import { Select } from '../parts/controls.tsx';
import { formatNumber, formatValue } from '../parts/format.ts';
import { hrefOf, setQuery, textOf } from '../state/address.ts';
import { metricsOf } from '../table/fields.ts';
import { comparedRuns, differingColumns, stylesOf } from './chosen.ts';
import { importanceOf } from './importance.ts';
import { scaleOf } from './scale.ts';

const HEIGHT = 360;
const LEAST_COLUMN = 150;
const MOST_COLUMN = 240;
const USUAL_WIDTH = 1000;
const MARGIN = { side: 70, top: 40, bottom: 20 };
const FEW_RUNS = 10;

/** Every run as a line through the fields that differ, to a metric; and how much each field says about it. */
export function Parallel() {
  const rows = comparedRuns.value;
  const metrics = metricsOf(rows);
  const objective = rows[0]?.objective?.name ?? '';
  const metric = metrics.includes(textOf('metric'))
    ? textOf('metric')
    : metrics.includes(objective)
      ? objective
      : metrics[0];
  if (metric === undefined) return <p class="muted">These runs have no metrics yet.</p>;
  const fields = differingColumns.value;
  const results = rows.map((row) => row.metrics[metric]);
  const columns = [...fields, { field: metric, values: results }];
  const scales = columns.map(({ values }) => scaleOf(values));
  const styles = stylesOf(rows.map(({ id }) => id));
  const column = Math.max(LEAST_COLUMN, Math.min(MOST_COLUMN, USUAL_WIDTH / Math.max(1, fields.length)));
  const x = (index: number): number => MARGIN.side + index * column;
  const y = (at: number): number => HEIGHT - MARGIN.bottom - at * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const width = 2 * MARGIN.side + (columns.length - 1) * column;
  return (
    <>
      <div class="toolbar">
        <Select
          label="Metric"
          choices={metrics}
          value={metric}
          onChange={(name) => {
            setQuery({ metric: name });
          }}
        />
      </div>
      {fields.length === 0 ? (
        <p class="muted">These runs have the same configuration: there is nothing to lay beside the metric.</p>
      ) : (
        <>
          <div class="scroll picture" tabIndex={0} role="region" aria-label="Parallel coordinates">
            <svg
              width={width}
              height={HEIGHT}
              viewBox={`0 0 ${width} ${HEIGHT}`}
              class="plot parallel"
              role="group"
              aria-label={`Fields and ${metric}, a line a run`}
            >
              {columns.map(({ field }, index) => (
                <g key={field}>
                  <line class="axis" x1={x(index)} x2={x(index)} y1={MARGIN.top} y2={HEIGHT - MARGIN.bottom} />
                  <text class="axis-name" x={x(index)} y={18} text-anchor="middle">
                    {field.length > 20 ? `…${field.slice(-19)}` : field}
                    <title>{field}</title>
                  </text>
                </g>
              ))}
              {rows.map((row, run) => {
                const style = styles[run]!;
                let path = '';
                let isDown = false;
                columns.forEach(({ values }, index) => {
                  const at = scales[index]!.place(values[run]);
                  if (at !== undefined) path += `${isDown ? 'L' : 'M'}${x(index)} ${y(at)}`;
                  isDown = at !== undefined;
                });
                const text = columns.map(({ field, values }) => `${field} ${formatValue(values[run] ?? undefined)}`);
                return (
                  <a
                    key={row.id}
                    class="line"
                    href={hrefOf(['run', row.id])}
                    aria-label={`${row.name}: ${text.join(', ')}`}
                    data-color={style.color + 1}
                  >
                    <path d={path} stroke-dasharray={DASHES[style.dash]!.join(' ')}>
                      <title>{`${row.name}\n${text.join('\n')}`}</title>
                    </path>
                  </a>
                );
              })}
              {scales.map((scale, index) =>
                scale.ticks.map(({ at, label }) => (
                  <text key={`${index} ${label}`} class="tick" x={x(index) + 6} y={y(at) + 4}>
                    {label}
                  </text>
                )),
              )}
            </svg>
          </div>
          <Importances metric={metric} fields={fields} results={results} />
        </>
      )}
    </>
  );
}

interface ImportancesProps {
  readonly metric: string;
  readonly fields: Parameters<typeof importanceOf>[0];
  readonly results: Parameters<typeof importanceOf>[1];
}

function Importances({ metric, fields, results }: ImportancesProps) {
  const list = importanceOf(fields, results);
  return (
    <section class="importance">
      <h2>What {metric} depends on</h2>
      <p class="muted">
        Share of its variance between the values of a field (η²), one field at a time, and the rank correlation.
        {results.length < FEW_RUNS && ` ${results.length} runs are few: much of this may be chance.`}
      </p>
      <table class="plain">
        <thead>
          <tr>
            <th scope="col">Field</th>
            <th scope="col">Explains</th>
            <th scope="col" class="number">
              Rank correlation
            </th>
            <th scope="col" class="number">
              Runs
            </th>
          </tr>
        </thead>
        <tbody>
          {list.map(({ field, explained, correlation, count }) => (
            <tr key={field}>
              <th scope="row">
                <code>{field}</code>
              </th>
              <td>
                <meter min={0} max={1} value={explained} aria-label={`${field} explains`} />{' '}
                {Math.round(explained * 100)} %
              </td>
              <td class="number">{correlation === null ? '–' : formatNumber(Number(correlation.toFixed(2)))}</td>
              <td class="number">{count}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
