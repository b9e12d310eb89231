import { SeriesSample } from '../charts/sample.tsx';
import { Tabs } from '../parts/controls.tsx';
import { Icon } from '../parts/icons.tsx';
import { Status } from '../parts/status.tsx';
import { choiceOf, hrefOf, joinList, setQuery } from '../state/address.ts';
import { runs, runsById } from '../state/runs.ts';
import { comparedIds, comparedRuns, missingRuns, stylesOf } from './chosen.ts';
import { OverlaidCurves } from './overlaid-curves.tsx';
import { Parallel } from './parallel.tsx';
import { Scatter } from './scatter.tsx';
import { ConfigComparison, MetricComparison } from './tables.tsx';

const TABS = ['curves', 'configuration', 'metrics', 'scatter', 'parallel'] as const;
const TITLES = {
  curves: 'Curves',
  configuration: 'Configuration',
  metrics: 'Metrics',
  scatter: 'Scatter',
  parallel: 'Parallel and importance',
} as const;

/** Chosen runs beside each other. */
export function ComparePage() {
  const rows = comparedRuns.value;
  const tab = choiceOf('tab', TABS);
  if (runsById.value === undefined) return <p class="loading">Reading the runs …</p>;
  return (
    <div class="compare-page">
      <h1>Compare</h1>
      <Chosen />
      {rows.length === 0 ? (
        <div class="empty">
          <h2>Nothing to compare yet</h2>
          <p>
            Choose runs in the <a href={hrefOf([])}>table</a>, or add them above.
          </p>
        </div>
      ) : (
        <Tabs
          label="Ways to compare"
          names={TABS}
          value={tab}
          titles={TITLES}
          onChange={(name) => {
            setQuery({ tab: name === 'curves' ? null : name });
          }}
        >
          {tab === 'configuration' ? (
            <ConfigComparison />
          ) : tab === 'metrics' ? (
            <MetricComparison />
          ) : tab === 'scatter' ? (
            <Scatter />
          ) : tab === 'parallel' ? (
            <Parallel />
          ) : (
            <OverlaidCurves />
          )}
        </Tabs>
      )}
    </div>
  );
}

/** The compared runs with their looks; each can be left out, others added. */
function Chosen() {
  const rows = comparedRuns.value;
  const styles = stylesOf(rows.map(({ id }) => id));
  const ids = comparedIds.value;
  const others = runs.value.filter(({ id, isPutAway }) => !isPutAway && !ids.includes(id));
  return (
    <div class="chosen">
      <ul>
        {rows.map((row, index) => (
          <li key={row.id}>
            <SeriesSample style={styles[index]!} />
            <a href={hrefOf(['run', row.id])}>{row.name}</a>
            <Status status={row.status} />
            <button
              type="button"
              class="icon"
              aria-label={`Leave out ${row.name}`}
              onClick={() => {
                setQuery({ runs: joinList(ids.filter((id) => id !== row.id)) });
              }}
            >
              <Icon name="close" />
            </button>
          </li>
        ))}
      </ul>
      {missingRuns.value.length > 0 && <p class="warning">Gone: {missingRuns.value.join(', ')}</p>}
      <label class="field">
        <span>Add a run</span>
        <select
          value=""
          onChange={({ currentTarget }) => {
            if (currentTarget.value !== '') setQuery({ runs: joinList([...ids, currentTarget.value]) });
          }}
        >
          <option value="">choose …</option>
          {others.slice(0, 500).map((row) => (
            <option key={row.id} value={row.id}>
              {row.system}: {row.name}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}
