import type { ComponentChildren } from 'preact';
import type { RunRow, SystemInfo } from '../../shared/api.ts';
import { formatMoment, formatNumber, formatSpan, formatValue } from '../parts/format.ts';
import { Icon } from '../parts/icons.tsx';
import { Spark } from '../parts/spark.tsx';
import { Status } from '../parts/status.tsx';
import { hrefOf } from '../state/address.ts';
import { fieldOf } from './fields.ts';
import { beatsBaseline } from './filter.ts';

export interface Column {
  /** Field to sort by; empty where there is no order. */
  readonly sort: string;
  readonly title: string;
  /** Least width in pixels. */
  readonly least: number;
  /** Share of the room that is left; columns without one keep their least width. */
  readonly share?: number;
  readonly isNumber?: boolean;
  readonly cell: (row: RunRow) => ComponentChildren;
}

export const COLUMNS: readonly Column[] = [
  { sort: 'name', title: 'Run', least: 180, share: 1.4, cell: (row) => <Name row={row} /> },
  { sort: 'system', title: 'System', least: 104, cell: (row) => row.system },
  { sort: 'preset', title: 'Preset', least: 78, cell: (row) => row.preset ?? <span class="muted">–</span> },
  { sort: 'status', title: 'Status', least: 108, cell: (row) => <Status status={row.status} /> },
  { sort: 'objective', title: 'Objective', least: 92, isNumber: true, cell: (row) => <Objective row={row} /> },
  { sort: '', title: 'Curve', least: 92, cell: (row) => <Curve row={row} /> },
  { sort: 'started', title: 'Started', least: 106, cell: (row) => formatMoment(row.startedAt) },
  { sort: 'took', title: 'Took', least: 92, isNumber: true, cell: (row) => formatSpan(row.tookInSeconds) },
  { sort: 'step', title: 'Step', least: 64, isNumber: true, cell: (row) => formatNumber(row.step) },
  { sort: 'device', title: 'Device', least: 64, cell: (row) => row.device ?? <span class="muted">–</span> },
  { sort: '', title: 'Differs', least: 170, share: 1.2, cell: (row) => <Differs row={row} /> },
];

const MARKS_IN_PIXELS = 60;
const GAP_IN_PIXELS = 12;
const SIDES_IN_PIXELS = 26;

/** Tracks of the grid's columns, and the width below which it scrolls. */
export function tracksOf(columns: readonly Column[]): { readonly gridTemplateColumns: string; readonly width: string } {
  let width = MARKS_IN_PIXELS + SIDES_IN_PIXELS;
  const tracks = [`${MARKS_IN_PIXELS}px`];
  for (const { least, share } of columns) {
    width += least + GAP_IN_PIXELS;
    tracks.push(share === undefined ? `${least}px` : `minmax(${least}px, ${share}fr)`);
  }
  return { gridTemplateColumns: tracks.join(' '), width: `max(100%, ${width}px)` };
}

/** Column of a metric or of a field of the configuration. */
export function extraColumn(name: string, systems: ReadonlyMap<string, SystemInfo>): Column {
  return {
    sort: name,
    title: name,
    least: 110,
    share: 0.4,
    isNumber: true,
    cell: (row) => {
      const value = fieldOf(row, name, systems);
      return typeof value === 'number' ? formatNumber(value) : formatValue(value ?? undefined);
    },
  };
}

function Name({ row }: { readonly row: RunRow }) {
  return (
    <span class="name-cell">
      <a href={hrefOf(['run', row.id])} title={row.path}>
        {row.name}
      </a>
      {row.note !== '' && (
        <span class="mini" title={row.note}>
          <Icon name="note" />
          <span class="hidden">note: {row.note}</span>
        </span>
      )}
      {row.problems.length > 0 && (
        <span class="mini bad" title={row.problems.join('\n')}>
          <Icon name="warning" />
          <span class="hidden">{row.problems.join('; ')}</span>
        </span>
      )}
      {row.isForeign && <span class="badge">TensorBoard</span>}
      {row.isPutAway && <span class="badge">put away</span>}
    </span>
  );
}

function Objective({ row }: { readonly row: RunRow }) {
  const { objective, baseline } = row;
  const isBetter = beatsBaseline(row);
  const hint = [
    objective === null ? 'no objective' : `${objective.name}, ${objective.isLowBetter ? 'lower' : 'higher'} is better`,
    baseline === null ? '' : `${baseline.name}: ${formatNumber(baseline.value)}`,
  ].join('\n');
  return (
    <span class="objective" title={hint}>
      <b>{formatNumber(objective?.value)}</b>
      {baseline !== null && (
        <span class="muted">
          <span aria-hidden="true">{isBetter === undefined ? 'vs' : isBetter ? '▲' : '▼'} </span>
          <span class="hidden">{isBetter === undefined ? 'beside' : isBetter ? 'better than' : 'worse than'} </span>
          {formatNumber(baseline.value)}
        </span>
      )}
    </span>
  );
}

function Curve({ row }: { readonly row: RunRow }) {
  return (
    <Spark
      values={row.spark}
      baseline={row.baseline?.value}
      label={`${row.objective?.name ?? 'objective'} of ${row.name}`}
    />
  );
}

function Differs({ row }: { readonly row: RunRow }) {
  const entries = Object.entries(row.differs);
  if (entries.length === 0) return <span class="muted">as {row.preset ?? 'the defaults'}</span>;
  const text = entries.map(([path, value]) => `${path} = ${formatValue(value)}`).join('\n');
  return (
    <span class="differs" title={text}>
      {entries.map(([path, value]) => (
        <span key={path} class="pair">
          {path.slice(path.lastIndexOf('.') + 1)} <b>{formatValue(value)}</b>
        </span>
      ))}
    </span>
  );
}
