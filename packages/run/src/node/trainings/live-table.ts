import type { ProgressStream } from '../progress.ts';
import { alignedTable } from './text-table.ts';
import { countLine, type Training } from './training.ts';

/** Display of several trainings. */
export interface TrainingsDisplay<Run extends Training> {
  /** Shows a new progress line of a run. */
  onActivity(run: Run, line: string): void;
  /** Shows that a run began or ended. */
  onChange(run: Run): void;
  /** Removes the table. The final output replaces it. */
  stop(): void;
}

/** Contents of the display. */
export interface TrainingsView<Run extends Training> {
  /** All runs. */
  readonly runs: readonly Run[];
  /** Rows of text, heading first. The first cell of a row is the name of the run. */
  table(runs: readonly Run[], activity: (run: Run) => string | undefined): string[][];
  /** Lines to print about a run that ended. */
  remarks(run: Run): readonly string[];
}

const REDRAW_EVERY_MS = 250;
/** Size of a terminal that does not report one. */
const USUAL_SIZE = { rows: 24, columns: 80 } as const;

/** Live table on a terminal, otherwise a line for each run that ends. */
export function trainingsDisplay<Run extends Training>(
  view: TrainingsView<Run>,
  stream: ProgressStream & { readonly rows?: number; readonly columns?: number } = process.stderr,
): TrainingsDisplay<Run> {
  if (stream.isTTY !== true) return lineDisplay(view, stream);
  const activities = new Map<Run, string>();
  let drawn = 0;
  const erase = (): void => {
    // Moves to the start of the last table, and clears from there on.
    if (drawn > 0) stream.write(`\u001b[${drawn}A\u001b[J`);
    drawn = 0;
  };
  const draw = (): void => {
    const { rows = USUAL_SIZE.rows, columns = USUAL_SIZE.columns } = stream;
    const lines = [countLine(view.runs), ...tableLines(view, activities)].slice(0, rows - 1);
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

/** Lines of the table: running trainings first, then the order of the table. Waiting ones may be cut off. */
function tableLines<Run extends Training>(view: TrainingsView<Run>, activities: ReadonlyMap<Run, string>): string[] {
  const runs = view.runs.filter(({ status }) => status !== 'waiting');
  const [heading, ...rows] = view.table(runs, (run) =>
    run.status === 'running' ? (activities.get(run) ?? 'starting') : undefined,
  );
  const order = new Map(runs.map(({ name, status }) => [name, Number(status !== 'running')]));
  rows.sort((a, b) => order.get(a[0]!)! - order.get(b[0]!)!);
  return heading === undefined ? [] : alignedTable([heading, ...rows]);
}

function lineDisplay<Run extends Training>(view: TrainingsView<Run>, stream: ProgressStream): TrainingsDisplay<Run> {
  return {
    onActivity: () => undefined,
    onChange: (run) => {
      const { name, status, wallTimeInSeconds, error } = run;
      if (status === 'running') return;
      const ended = view.runs.filter((each) => each.status !== 'waiting' && each.status !== 'running').length;
      const parts = [
        `${name} ${status} in ${(wallTimeInSeconds ?? 0).toFixed(1)} s`,
        `${ended} of ${view.runs.length}`,
        ...view.remarks(run),
        ...(error === null ? [] : [error]),
      ];
      stream.write(`${parts.join(' · ')}\n`);
    },
    stop: () => undefined,
  };
}
