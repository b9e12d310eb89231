import type { MetricTable } from '../../shared/api.ts';
import { formatBytes, formatNumber } from '../parts/format.ts';
import type { RunDetailProps } from './run-page.tsx';

/** Checkpoints of a run, its final metrics beside the baselines, and what other commands measured. */
export function CheckpointsTab({ detail }: RunDetailProps) {
  const { checkpoints, metrics, baselines, evaluations } = detail;
  return (
    <div class="columns">
      <section>
        <h2>Checkpoints</h2>
        {checkpoints.length === 0 ? (
          <p class="muted">None yet: they come with each validation.</p>
        ) : (
          <table class="plain">
            <thead>
              <tr>
                <th scope="col">Step</th>
                <th scope="col">Size</th>
                <th scope="col">Is</th>
              </tr>
            </thead>
            <tbody>
              {checkpoints.map(({ step, bytes, isBest, isLast }) => (
                <tr key={step}>
                  <th scope="row">{formatNumber(step)}</th>
                  <td>{formatBytes(bytes)}</td>
                  <td>
                    {isBest && <span class="badge good">★ best</span>} {isLast && <span class="badge">last</span>}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </section>
      <section>
        <h2>Metrics</h2>
        <MetricsTable name="Metrics" tables={[metrics, baselines]} />
      </section>
      {Object.entries(evaluations).map(([command, table]) => (
        <section key={command}>
          <h2>{command}</h2>
          <MetricsTable name={`Metrics of ${command}`} tables={[table]} />
        </section>
      ))}
    </div>
  );
}

function MetricsTable({ name: title, tables }: { readonly name: string; readonly tables: readonly MetricTable[] }) {
  const rows = tables.flatMap((table, index) =>
    Object.entries(table).map(([name, values]) => ({ name, values, isBaseline: index > 0 })),
  );
  const names = [...new Set(rows.flatMap(({ values }) => Object.keys(values)))];
  if (rows.length === 0) return <p class="muted">None yet.</p>;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={title}>
      <table class="plain">
        <thead>
          <tr>
            <td />
            {names.map((name) => (
              <th key={name} scope="col" class="number">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, values, isBaseline }) => (
            <tr key={`${String(isBaseline)} ${name}`}>
              <th scope="row">
                {name} {isBaseline && <span class="badge">baseline</span>}
              </th>
              {names.map((metric) => (
                <td key={metric} class="number">
                  {formatNumber(values[metric])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
