import type { TrainingsView } from '../trainings/live-table.ts';
import { byMetric, type Sweep, type SweepRun } from './sweep-file.ts';

/** Sweep as rows of text, heading first: searched values, metric, status. The best run comes first. */
export function sweepTable(sweep: Sweep, activity?: (run: SweepRun) => string | undefined): string[][] {
  const fields = Object.keys(sweep.runs[0]?.point ?? {});
  const heading = ['run', ...fields, sweep.metric, 'seconds', 'status'];
  const rows = [...sweep.runs]
    .sort(byMetric(sweep.goal))
    .map((run) => [
      run.name,
      ...fields.map((field) => run.point[field] ?? ''),
      run.metric === null ? '–' : String(Number(run.metric.toPrecision(6))),
      run.wallTimeInSeconds === null ? '–' : run.wallTimeInSeconds.toFixed(1),
      activity?.(run) ?? (run.error === null ? run.status : `${run.status}: ${run.error}`),
    ]);
  return [heading, ...rows];
}

/** View of a running sweep. */
export function sweepView(sweep: Sweep): TrainingsView<SweepRun> {
  return {
    runs: sweep.runs,
    table: (runs, activity) => sweepTable({ ...sweep, runs: [...runs] }, activity),
    remarks: ({ metric, point }) => [
      ...(metric === null ? [] : [`${sweep.metric} ${Number(metric.toPrecision(6))}`]),
      ...Object.entries(point).map(([path, value]) => `${path} ${value}`),
    ],
  };
}
