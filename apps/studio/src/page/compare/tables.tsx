import { formatNumber, formatValue } from '../parts/format.ts';
import { hrefOf } from '../state/address.ts';
import { metricsOf } from '../table/fields.ts';
import { comparedRuns, differingColumns, isLowBetter } from './chosen.ts';

/** Fields in which the runs differ, and no others. */
export function ConfigComparison() {
  const rows = comparedRuns.value;
  const fields = differingColumns.value;
  if (fields.length === 0) return <p class="muted">These runs have the same configuration.</p>;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Differences of configuration">
      <table class="plain">
        <thead>
          <tr>
            <th scope="col">Field</th>
            {rows.map(({ id, name }) => (
              <th key={id} scope="col">
                <a href={hrefOf(['run', id])}>{name}</a>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {fields.map(({ field, values }) => (
            <tr key={field}>
              <th scope="row">
                <code>{field}</code>
              </th>
              {values.map((value, index) => (
                <td key={rows[index]!.id}>
                  <code>{formatValue(value ?? undefined)}</code>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Last values of every metric, the best of the runs marked. */
export function MetricComparison() {
  const rows = comparedRuns.value;
  const names = metricsOf(rows);
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Metrics">
      <table class="plain">
        <thead>
          <tr>
            <th scope="col">Metric</th>
            <th scope="col">Better</th>
            {rows.map(({ id, name }) => (
              <th key={id} scope="col" class="number">
                <a href={hrefOf(['run', id])}>{name}</a>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {names.map((name) => {
            const isLow = isLowBetter(name, rows);
            const best = bestOf(
              rows.map(({ metrics }) => metrics[name]),
              isLow,
            );
            return (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td class="muted">{isLow ? 'lower' : 'higher'}</td>
                {rows.map(({ id, metrics }) => {
                  const isBest = rows.length > 1 && best !== undefined && metrics[name] === best;
                  return (
                    <td key={id} class={isBest ? 'number best' : 'number'}>
                      {isBest && <span aria-label="best">★ </span>}
                      {formatNumber(metrics[name])}
                    </td>
                  );
                })}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** Best of some values; undefined where none is a number. */
export function bestOf(values: readonly (number | null | undefined)[], isLow: boolean): number | undefined {
  let best: number | undefined;
  for (const value of values)
    if (value != null && (best === undefined || (isLow ? value < best : value > best))) best = value;
  return best;
}
