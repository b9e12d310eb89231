import type { ProgressStream } from '../progress.ts';
import type { Sweep, SweepRun } from './sweep-file.ts';
import { alignedTable, sweepTable } from './table.ts';

/** Shows how a sweep goes. */
export interface SweepDisplay {
  /** A run said where it is. */
  onActivity(run: SweepRun, line: string): void;
  /** A run began or ended. */
  onChange(run: SweepRun): void;
  /** Takes the table away: what is printed at the end has the rest. */
  stop(): void;
}

const REDRAW_EVERY_MS = 250;
/** Where the terminal does not say how large it is. */
const USUAL_SIZE = { rows: 24, columns: 80 } as const;

/** On a terminal a table that is drawn anew as the runs go on, else a line for each run that ends. */
export function sweepDisplay(
  sweep: Sweep,
  stream: ProgressStream & { readonly rows?: number; readonly columns?: number } = process.stderr,
): SweepDisplay {
  if (stream.isTTY !== true) return lineDisplay(sweep, stream);
  const activities = new Map<SweepRun, string>();
  let drawn = 0;
  const erase = (): void => {
    // Up to where the last table began, and everything from there on.
    if (drawn > 0) stream.write(`\u001b[${drawn}A\u001b[J`);
    drawn = 0;
  };
  const draw = (): void => {
    const { rows = USUAL_SIZE.rows, columns = USUAL_SIZE.columns } = stream;
    const lines = [countLine(sweep), ...tableLines(sweep, activities)].slice(0, rows - 1);
    erase();
    stream.write(lines.map((line) => `${line.slice(0, columns - 1)}\n`).join(''));
    drawn = lines.length;
  };
  const timer = setInterval(draw, REDRAW_EVERY_MS).unref();
  return {
    onActivity: (run, line) => activities.set(run, line),
    onChange: (run) => activities.delete(run),
    stop: () => {
      clearInterval(timer);
      erase();
    },
  };
}

/** What is under way first, then the best; what waits need not be seen. */
function tableLines(sweep: Sweep, activities: ReadonlyMap<SweepRun, string>): string[] {
  const order = (run: SweepRun): number => Number(run.status !== 'running');
  const runs = sweep.runs.filter(({ status }) => status !== 'waiting');
  const [heading, ...rows] = sweepTable({ ...sweep, runs }, (run) =>
    run.status === 'running' ? (activities.get(run) ?? 'starting') : undefined,
  );
  const isRunning = new Map(runs.map((run) => [run.name, order(run)]));
  rows.sort((a, b) => isRunning.get(a[0]!)! - isRunning.get(b[0]!)!);
  return heading === undefined ? [] : alignedTable([heading, ...rows]);
}

function lineDisplay(sweep: Sweep, stream: ProgressStream): SweepDisplay {
  return {
    onActivity: () => undefined,
    onChange: (run) => {
      if (run.status === 'running') return;
      const point = Object.entries(run.point).map(([path, value]) => `${path} ${value}`);
      const metric = run.metric === null ? [] : [`${sweep.metric} ${Number(run.metric.toPrecision(6))}`];
      const error = run.error === null ? [] : [run.error];
      const seconds = (run.wallTimeInSeconds ?? 0).toFixed(1);
      stream.write(
        `${run.name} of ${sweep.runs.length} ${run.status} in ${seconds} s · ${[...metric, ...point, ...error].join(' · ')}\n`,
      );
    },
    stop: () => undefined,
  };
}

/** `12 runs: 3 completed, 2 running, 7 waiting` */
export function countLine({ runs }: Sweep): string {
  const counts = new Map<string, number>();
  for (const { status } of runs) counts.set(status, (counts.get(status) ?? 0) + 1);
  return `${runs.length} runs: ${[...counts].map(([status, count]) => `${count} ${status}`).join(', ')}`;
}
