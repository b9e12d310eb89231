import { byMetric, type Sweep, type SweepRun } from './sweep-file.ts';

/** A sweep as rows of text, the heading first: what differs, the metric, how it went; the best run first. */
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

/** Columns one under another. */
export function alignedTable(rows: readonly (readonly string[])[]): string[] {
  const widths = columnWidths(rows);
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
}

export function markdownTable(rows: readonly (readonly string[])[]): string {
  const [heading = [], ...body] = rows;
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
  return [line(heading), `|${'---|'.repeat(heading.length)}\n`, ...body.map(line)].join('');
}

function columnWidths(rows: readonly (readonly string[])[]): number[] {
  const [first = []] = rows;
  return first.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
}
