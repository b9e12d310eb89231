import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from '@tanstack/virtual-core';
import { useEffect, useReducer, useRef } from 'preact/hooks';
import type { RunRow } from '../../shared/api.ts';
import { Icon } from '../parts/icons.tsx';
import { NARROW, useMedia } from '../parts/use-media.ts';
import { goTo } from '../state/address.ts';
import { canChange, changeRun } from '../state/runs.ts';
import { type Column, tracksOf } from './columns.tsx';
import type { TableLine } from './rows.ts';

interface GridProps {
  readonly lines: readonly TableLine[];
  readonly columns: readonly Column[];
  readonly chosen: ReadonlySet<string>;
  readonly sort: string;
  readonly onSort: (sort: string) => void;
  readonly onChoose: (ids: readonly string[], isChosen: boolean) => void;
  readonly onToggleGroup: (name: string) => void;
}

const ROW_IN_PIXELS = 40;
const CARD_IN_PIXELS = 92;
const GROUP_IN_PIXELS = 40;

/** Table of runs that makes only the rows that are seen. On a narrow screen each row is a card. */
export function Grid({ lines, columns, chosen, sort, onSort, onChoose, onToggleGroup }: GridProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const isNarrow = useMedia(NARROW);
  const [, redraw] = useReducer<number, undefined>((count) => count + 1, 0);
  const virtualizer = useRef<Virtualizer<HTMLDivElement, HTMLDivElement> | undefined>(undefined);
  const last = useRef<string | undefined>(undefined);

  const options = {
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index: number) =>
      lines[index]?.kind === 'group' ? GROUP_IN_PIXELS : isNarrow ? CARD_IN_PIXELS : ROW_IN_PIXELS,
    overscan: 8,
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    onChange: () => {
      redraw(undefined);
    },
  };
  virtualizer.current ??= new Virtualizer(options);
  virtualizer.current.setOptions(options);
  useEffect(() => virtualizer.current!._didMount(), []);
  useEffect(() => {
    virtualizer.current!._willUpdate();
  });
  useEffect(() => {
    virtualizer.current!.measure();
  }, [isNarrow, lines]);

  const choose = (row: RunRow, isChosen: boolean, isRange: boolean): void => {
    const ids = lines.flatMap((line) => (line.kind === 'run' ? [line.row.id] : []));
    const from = last.current === undefined ? -1 : ids.indexOf(last.current);
    const to = ids.indexOf(row.id);
    last.current = row.id;
    if (isRange && from >= 0) onChoose(ids.slice(Math.min(from, to), Math.max(from, to) + 1), isChosen);
    else onChoose([row.id], isChosen);
  };

  /** Arrow keys go from row to row, Space chooses, Enter opens, S stars. */
  const onKeyDown = (event: KeyboardEvent): void => {
    const place = (event.target as HTMLElement).closest<HTMLElement>('[data-index]');
    if (event.target === scroller.current && event.key === 'ArrowDown') {
      event.preventDefault();
      focusRow(virtualizer.current!.range?.startIndex ?? 0);
      return;
    }
    if (place === null || event.ctrlKey || event.metaKey || event.altKey) return;
    const index = Number(place.dataset.index);
    const line = lines[index];
    const by = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1, PageDown: 12, PageUp: -12 }[event.key];
    if (by !== undefined) {
      event.preventDefault();
      focusRow(Math.min(lines.length - 1, Math.max(0, index + by)));
    } else if (event.target === place && line?.kind === 'run') {
      if (event.key === 'Enter') goTo(['run', line.row.id]);
      else if (event.key === ' ') choose(line.row, !chosen.has(line.row.id), event.shiftKey);
      else if (event.key === 's' && canChange.value) void changeRun(line.row.id, { isStarred: !line.row.isStarred });
      else return;
      event.preventDefault();
    }
  };
  const focusRow = (index: number): void => {
    virtualizer.current!.scrollToIndex(index);
    requestAnimationFrame(() => {
      scroller.current?.querySelector<HTMLElement>(`[data-index="${index}"]`)?.focus();
    });
  };

  const items = virtualizer.current.getVirtualItems();
  const tracks = tracksOf(columns);
  return (
    <div
      class="grid"
      role="table"
      aria-label="Runs"
      aria-rowcount={lines.length + 1}
      ref={scroller}
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      <div class="grid-head" role="rowgroup">
        <div class="grid-row" role="row" aria-rowindex={1} style={tracks}>
          <span role="columnheader">
            <span class="hidden">Choose and star</span>
          </span>
          {columns.map((column) => (
            <Head key={column.title} column={column} sort={sort} onSort={onSort} />
          ))}
        </div>
      </div>
      <div class="grid-body" role="rowgroup" style={{ height: `${virtualizer.current.getTotalSize()}px` }}>
        {items.map(({ index, start, size }) => {
          const line = lines[index];
          if (line === undefined) return null;
          const place = { transform: `translateY(${start}px)`, height: `${size}px` };
          if (line.kind === 'group')
            return (
              <div key={`group ${line.name}`} class="grid-group" role="row" aria-rowindex={index + 2} style={place}>
                <span role="cell">
                  <button
                    type="button"
                    data-index={index}
                    aria-expanded={!line.isClosed}
                    onClick={() => {
                      onToggleGroup(line.name);
                    }}
                  >
                    <Icon name="chevron" />
                    {line.name === '' ? 'none' : line.name} <span class="muted">{line.count}</span>
                  </button>
                </span>
              </div>
            );
          const { row } = line;
          return (
            <div
              key={row.id}
              class="grid-row"
              role="row"
              tabIndex={-1}
              data-index={index}
              data-run={row.id}
              aria-rowindex={index + 2}
              data-chosen={chosen.has(row.id)}
              data-away={row.isPutAway}
              style={{ ...tracks, ...place }}
            >
              <span role="cell" class="grid-marks">
                <input
                  type="checkbox"
                  aria-label={`Choose ${row.name}`}
                  checked={chosen.has(row.id)}
                  onClick={(event) => {
                    choose(row, event.currentTarget.checked, event.shiftKey);
                  }}
                />
                <Star row={row} />
              </span>
              {columns.map((column) => (
                <span key={column.title} role="cell" data-title={column.title} class={column.isNumber ? 'number' : ''}>
                  {column.cell(row)}
                </span>
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function Head({ column, sort, onSort }: { readonly column: Column } & Pick<GridProps, 'sort' | 'onSort'>) {
  const { sort: name, title, isNumber } = column;
  const now = sort === name ? 'ascending' : sort === `-${name}` ? 'descending' : undefined;
  if (name === '')
    return (
      <span role="columnheader" class={isNumber === true ? 'number' : ''}>
        {title}
      </span>
    );
  return (
    <span role="columnheader" aria-sort={now ?? 'none'} class={isNumber === true ? 'number' : ''}>
      <button
        type="button"
        onClick={() => {
          onSort(now === 'ascending' ? `-${name}` : name);
        }}
      >
        {title}
        <span aria-hidden="true" class="order">
          {now === undefined ? '' : now === 'ascending' ? '↑' : '↓'}
        </span>
      </button>
    </span>
  );
}

/** Star of a run; a foreign one keeps nothing. */
export function Star({ row }: { readonly row: RunRow }) {
  return (
    <button
      type="button"
      class="icon star"
      aria-label={`Star ${row.name}`}
      aria-pressed={row.isStarred}
      disabled={!canChange.value || row.isForeign}
      onClick={() => void changeRun(row.id, { isStarred: !row.isStarred })}
    >
      <Icon name="star" isFilled={row.isStarred} />
    </button>
  );
}
