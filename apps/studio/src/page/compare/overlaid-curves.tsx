import { useMemo } from 'preact/hooks';
import type { CurveData, RunRow } from '../../shared/api.ts';
import { Chart } from '../charts/chart.tsx';
import type { ChartLine, ChartSeries } from '../charts/series.ts';
import { useCurves } from '../charts/use-curves.ts';
import { type ChartView, readChartView, ViewControls, zoomTo } from '../charts/view-controls.tsx';
import { InView, SearchField, Toggle } from '../parts/controls.tsx';
import { toSeries } from '../run/curves-tab.tsx';
import { flagOf, setQuery, textOf } from '../state/address.ts';
import { metricsOf } from '../table/fields.ts';
import { comparedIds, comparedRuns, stylesOf } from './chosen.ts';
import { groupBySeed, meanOf } from './fold.ts';
import { useCurveStarts } from './use-curve-starts.ts';

const CHART_IN_PIXELS = 380;
const PIXELS = 800;
/** Points that all curves of a chart share: 50 runs are drawn within a frame. */
const PIXELS_OF_ALL = 12_000;

/** Curves of the compared runs over each other, one chart for each metric of a split. */
export function OverlaidCurves() {
  const rows = comparedRuns.value;
  const search = textOf('metric').toLowerCase();
  const first = rows[0]?.objective?.name;
  const metrics = metricsOf(rows);
  const view = readChartView();
  const isFolded = flagOf('fold');
  const isRelative = flagOf('relative');
  const starts = useCurveStarts(comparedIds.value, metrics, view.axis);
  const names = metrics
    .filter((name) => starts?.has(name) === true && name.toLowerCase().includes(search))
    .sort((a, b) => rankOf(b, first) - rankOf(a, first));
  return (
    <>
      <div class="toolbar">
        <SearchField label="Metric" placeholder="All metrics" name="metric" />
        <ViewControls />
        <Toggle
          label="Mean and band over seeds"
          isOn={isFolded}
          onChange={(isOn) => {
            setQuery({ fold: isOn ? '1' : null });
          }}
        />
        <Toggle
          label="From the first point"
          isOn={isRelative}
          onChange={(isOn) => {
            setQuery({ relative: isOn ? '1' : null, x: null });
          }}
        />
      </div>
      {starts === undefined && <p class="loading">Reading the curves …</p>}
      {starts !== undefined && names.length === 0 && <p class="muted">No curve is like that.</p>}
      <div class="charts">
        {names.map((name) => (
          <InView key={name} height={CHART_IN_PIXELS}>
            <Overlay
              name={name}
              rows={rows}
              view={view}
              isFolded={isFolded}
              starts={isRelative ? starts?.get(name) : undefined}
            />
          </InView>
        ))}
      </div>
    </>
  );
}

interface OverlayProps {
  readonly name: string;
  readonly rows: readonly RunRow[];
  readonly view: ChartView;
  readonly isFolded: boolean;
  /** First x of each run, where the curves are laid upon each other from there. */
  readonly starts: ReadonlyMap<string, number> | undefined;
}

/** The objective comes first, then other curves of its metric, such as that of the training. */
function rankOf(name: string, objective: string | undefined): number {
  if (name === objective) return 2;
  return name.slice(name.indexOf('/')) === objective?.slice(objective.indexOf('/')) ? 1 : 0;
}

function Overlay({ name, rows, view, isFolded, starts }: OverlayProps) {
  const owners = rows.filter(({ metrics }) => Object.hasOwn(metrics, name));
  const ids = owners.map(({ id }) => id);
  const pixels = Math.max(100, Math.min(PIXELS, Math.floor(PIXELS_OF_ALL / Math.max(1, ids.length))));
  const isRelative = starts !== undefined;
  const found = useCurves({ ...view, range: isRelative ? undefined : view.range, runs: ids, names: [name], pixels });
  const series = useMemo(() => {
    const plain = plainSeries(owners, name, found.curves).map((each) => movedBy(each, starts?.get(each.id)));
    return isFolded ? foldedSeries(owners, plain) : plain;
  }, [found.curves, isFolded, starts, ids.join('\n')]);
  const lines = useMemo(() => baselinesOf(owners, name), [ids.join('\n'), name]);
  const { axis, range, isLog, isTrimmed } = view;
  return (
    <Chart
      title={name}
      xName={axis}
      height={300}
      content={{ series, lines, range, isLog, isTrimmed, isTime: axis === 'time' }}
      onZoom={zoomTo}
      message={found.error}
    />
  );
}

type Curves = ReadonlyMap<string, ReadonlyMap<string, CurveData>> | undefined;

function plainSeries(rows: readonly RunRow[], name: string, curves: Curves): ChartSeries[] {
  const styles = stylesOf(rows.map(({ id }) => id));
  return rows.flatMap((row, index) => {
    const curve = curves?.get(row.id)?.get(name);
    return curve === undefined ? [] : [toSeries(curve, { id: row.id, label: row.name, style: styles[index]! })];
  });
}

/** A curve with its first point at 0. */
function movedBy(series: ChartSeries, start: number | undefined): ChartSeries {
  if (start === undefined) return series;
  return {
    ...series,
    x: series.x.map((x) => x - start),
    gaps: (series.gaps ?? []).map(({ x, value }) => ({ x: x - start, value })),
  };
}

function foldedSeries(rows: readonly RunRow[], plain: readonly ChartSeries[]): ChartSeries[] {
  const groups = groupBySeed(rows);
  const styles = stylesOf(groups.map((group) => group.rows[0]!.id));
  return groups.flatMap(({ key, label, rows: own }, index) => {
    const ids = new Set(own.map(({ id }) => id));
    const found = plain.filter(({ id }) => ids.has(id));
    return found.length === 0 ? [] : [meanOf(found, { id: key, label, style: styles[index]! })];
  });
}

/** Baselines of the objective, each once. */
function baselinesOf(rows: readonly RunRow[], name: string): ChartLine[] {
  const lines = new Map<string, ChartLine>();
  for (const { objective, baseline } of rows)
    if (objective?.name === name && baseline?.value != null)
      lines.set(`${baseline.name} ${baseline.value}`, { label: baseline.name, value: baseline.value });
  return [...lines.values()];
}
