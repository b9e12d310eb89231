import { useMemo } from 'preact/hooks';
import type { CurveData, CurveInfo, MetricTable, RunDetail } from '../../shared/api.ts';
import { Chart } from '../charts/chart.tsx';
import { type ChartLine, type ChartSeries, styleOfSplit } from '../charts/series.ts';
import { useCurves } from '../charts/use-curves.ts';
import { type ChartView, readChartView, ViewControls, zoomTo } from '../charts/view-controls.tsx';
import { InView, SearchField } from '../parts/controls.tsx';
import { textOf } from '../state/address.ts';
import { csvHref } from '../state/requests.ts';
import type { RunDetailProps } from './run-page.tsx';

const SPLITS = ['train', 'validation', 'test'];
const CHART_IN_PIXELS = 340;
const PIXELS = 800;

/** Curves of one metric: one chart has train, validation and test. */
export interface MetricCurves {
  readonly metric: string;
  readonly curves: readonly CurveInfo[];
}

/** Curves by metric, that of the objective first, single values last. */
export function curvesByMetric(curves: readonly CurveInfo[], objective: string | undefined): MetricCurves[] {
  const groups = new Map<string, CurveInfo[]>();
  for (const curve of curves) {
    const own = groups.get(curve.metric);
    if (own === undefined) groups.set(curve.metric, [curve]);
    else own.push(curve);
  }
  const rank = (split: string): number => (SPLITS.includes(split) ? SPLITS.indexOf(split) : SPLITS.length);
  const first = objective?.slice(objective.indexOf('/') + 1);
  return [...groups]
    .map(([metric, own]) => ({ metric, curves: own.sort((a, b) => rank(a.split) - rank(b.split)) }))
    .sort(
      (a, b) =>
        Number(b.metric === first) - Number(a.metric === first) ||
        Number(isCurve(b)) - Number(isCurve(a)) ||
        a.metric.localeCompare(b.metric),
    );
}

/** Whether there is more than the one value of an end. */
function isCurve({ curves }: MetricCurves): boolean {
  return curves.some(({ points }) => points > 1);
}

/** Baselines and bounds of a metric as lines: one for each predictor. */
export function linesOf(baselines: MetricTable, metric: string): ChartLine[] {
  return Object.entries(baselines).flatMap(([label, values]) => {
    const value = values[metric];
    return value === null || value === undefined ? [] : [{ label, value }];
  });
}

/** A curve as a series: smoothed with the raw one behind it, where that is asked for. */
export function toSeries(curve: CurveData, rest: Pick<ChartSeries, 'id' | 'label' | 'style'>): ChartSeries {
  const { x, y, smooth, gaps } = curve;
  return smooth === null ? { ...rest, x, y, gaps } : { ...rest, x, y: smooth, raw: y, gaps };
}

export function CurvesTab({ detail }: RunDetailProps) {
  const search = textOf('metric').toLowerCase();
  const groups = useMemo(
    () => curvesByMetric(detail.curves, detail.row.objective?.name),
    [detail.curves, detail.row.objective?.name],
  );
  const shown = groups.filter(({ metric }) => metric.toLowerCase().includes(search));
  if (groups.length === 0)
    return (
      <div class="empty">
        <h2>No curves yet</h2>
        <p>They appear with the first line that the training writes.</p>
      </div>
    );
  const view = readChartView();
  return (
    <>
      <div class="toolbar">
        <SearchField label="Metric" placeholder="All metrics" name="metric" />
        <ViewControls />
      </div>
      {shown.length === 0 && <p class="muted">No metric has that in its name.</p>}
      <div class="charts">
        {shown.map(({ metric, curves }) => (
          <InView key={metric} height={CHART_IN_PIXELS}>
            <MetricChart detail={detail} metric={metric} curves={curves} view={view} />
          </InView>
        ))}
      </div>
    </>
  );
}

interface MetricChartProps extends MetricCurves {
  readonly detail: RunDetail;
  readonly view: ChartView;
}

function MetricChart({ detail, metric, curves, view }: MetricChartProps) {
  const { id } = detail.row;
  const names = curves.map(({ name }) => name);
  const found = useCurves({ ...view, runs: [id], names, pixels: PIXELS });
  const own = found.curves?.get(id);
  const series = useMemo(
    () =>
      curves.flatMap(({ name, split }) => {
        const curve = own?.get(name);
        return curve === undefined ? [] : [toSeries(curve, { id: name, label: split, style: styleOfSplit(split) })];
      }),
    [own, names.join('\n')],
  );
  const lines = useMemo(() => linesOf(detail.baselines, metric), [detail.baselines, metric]);
  const { axis, range, isLog, isTrimmed } = view;
  return (
    <Chart
      title={metric}
      xName={axis}
      content={{ series, lines, range, isLog, isTrimmed, isTime: axis === 'time' }}
      onZoom={zoomTo}
      csv={csvHref(id, names)}
      message={found.error}
    />
  );
}
