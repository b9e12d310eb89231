import { computed } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Ask, Select, Toggle } from '../parts/controls.tsx';
import { Icon } from '../parts/icons.tsx';
import { Menu } from '../parts/menu.tsx';
import { choiceOf, flagOf, hrefOf, joinList, listOf, setQuery, textOf } from '../state/address.ts';
import { canChange, changeRun, removeRuns, runs, runsById, systems } from '../state/runs.ts';
import { connectionStatus } from '../state/stream.ts';
import { COLUMNS, extraColumn } from './columns.tsx';
import { differingFields, metricsOf, OWN_FIELDS } from './fields.ts';
import { Grid } from './grid.tsx';
import { GROUPS, tableLines, type TableView } from './rows.ts';

const SORTED_FIRST = '-started';

const systemsByName = computed(() => new Map(systems.value.map((system) => [system.name, system])));
const view = computed<TableView>(() => ({
  search: textOf('q'),
  sort: textOf('sort', SORTED_FIRST),
  group: choiceOf('group', GROUPS),
  closed: new Set(listOf('closed')),
  isAwayShown: flagOf('away'),
}));
const table = computed(() => tableLines(runs.value, view.value, systemsByName.value));
const columns = computed(() => [
  ...COLUMNS,
  ...listOf('columns').map((name) => extraColumn(name, systemsByName.value)),
]);
const chosen = computed<ReadonlySet<string>>(() => new Set(listOf('chosen')));
const suggestions = computed(() => [...OWN_FIELDS, ...metricsOf(runs.value), ...differingFields(runs.value)]);

/** All runs, with search, order and groups; several chosen ones are compared, put away or removed together. */
export function TablePage() {
  const { lines, found, error } = table.value;
  const all = runs.value.length;
  const setChosen = (ids: readonly string[], isChosen: boolean): void => {
    const next = new Set(chosen.value);
    for (const id of ids)
      if (isChosen) next.add(id);
      else next.delete(id);
    setQuery({ chosen: joinList(next) });
  };
  return (
    <div class="table-page">
      <h1 class="hidden">Runs</h1>
      <div class="toolbar">
        <SearchBox error={error} />
        <Select
          label="Group by"
          choices={GROUPS}
          value={view.value.group}
          onChange={(group) => {
            setQuery({ group: group === 'none' ? null : group, closed: null });
          }}
        />
        <ColumnChoice />
        <Toggle
          label="Put away"
          isOn={view.value.isAwayShown}
          onChange={(isOn) => {
            setQuery({ away: isOn ? '1' : null });
          }}
        />
        <span class="count" role="status">
          {found.length === all ? `${all} runs` : `${found.length} of ${all} runs`}
        </span>
      </div>
      {runsById.value === undefined ? (
        <p class="loading">
          {connectionStatus.value === 'lost' ? 'The studio does not answer.' : 'Reading the runs …'}
        </p>
      ) : lines.length === 0 ? (
        <Nothing hasRuns={all > 0} />
      ) : (
        <Grid
          lines={lines}
          columns={columns.value}
          chosen={chosen.value}
          sort={view.value.sort}
          onSort={(sort) => {
            setQuery({ sort: sort === SORTED_FIRST ? null : sort });
          }}
          onChoose={setChosen}
          onToggleGroup={(name) => {
            const closed = new Set(view.value.closed);
            if (!closed.delete(name)) closed.add(name);
            setQuery({ closed: joinList(closed) });
          }}
        />
      )}
      {chosen.value.size > 0 && <ChosenBar />}
    </div>
  );
}

function SearchBox({ error }: { readonly error: string | undefined }) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const focus = (event: KeyboardEvent): void => {
      const target = event.target as HTMLElement;
      if (event.key !== '/' || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) return;
      event.preventDefault();
      input.current!.focus();
    };
    document.addEventListener('keydown', focus);
    return () => {
      document.removeEventListener('keydown', focus);
    };
  }, []);
  return (
    <div class="search">
      <Icon name="search" />
      <input
        ref={input}
        type="search"
        aria-label="Search and filter"
        aria-invalid={error !== undefined}
        aria-describedby="search-hint"
        placeholder="Search, or training.epochs > 3"
        list="search-fields"
        spellcheck={false}
        autocomplete="off"
        value={textOf('q')}
        onInput={({ currentTarget }) => {
          setQuery({ q: currentTarget.value });
        }}
      />
      <kbd aria-hidden="true">/</kbd>
      <datalist id="search-fields">
        {suggestions.value.slice(0, 200).map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <span id="search-hint" class={error === undefined ? 'hidden' : 'search-error'} role="status">
        {error ?? 'Words, comparisons such as status = running, is:starred, joined by and, or, not.'}
      </span>
    </div>
  );
}

/** Choice of further columns: any metric, any field that differs somewhere. */
function ColumnChoice() {
  const shown = new Set(listOf('columns'));
  const toggle = (name: string, isOn: boolean): void => {
    if (isOn) shown.add(name);
    else shown.delete(name);
    setQuery({ columns: joinList(shown) });
  };
  const parts = [
    ['Metrics', metricsOf(runs.value)],
    ['Configuration', differingFields(runs.value)],
  ] as const;
  return (
    <Menu label="Columns" sign={`Columns${shown.size > 0 ? ` (+${shown.size})` : ''}`} isTall>
      {parts.map(([title, names]) => (
        <fieldset key={title}>
          <legend>{title}</legend>
          {names.length === 0 && <p class="muted">none</p>}
          {names.map((name) => (
            <Toggle
              key={name}
              label={name}
              isOn={shown.has(name)}
              onChange={(isOn) => {
                toggle(name, isOn);
              }}
            />
          ))}
        </fieldset>
      ))}
    </Menu>
  );
}

function ChosenBar() {
  const [isAsking, setAsking] = useState(false);
  const ids = [...chosen.value];
  const rows = ids.flatMap((id) => runsById.value?.get(id) ?? []);
  const own = rows.filter(({ isForeign }) => !isForeign);
  const isAllAway = own.every(({ isPutAway }) => isPutAway);
  return (
    <div class="chosen-bar" role="region" aria-label="Chosen runs">
      <b>{ids.length} chosen</b>
      <a class="button primary" href={hrefOf(['compare'], { runs: joinList(ids) })}>
        Compare
      </a>
      {canChange.value && own.length > 0 && (
        <>
          <button
            type="button"
            onClick={() => {
              for (const { id } of own) void changeRun(id, { isPutAway: !isAllAway });
            }}
          >
            {isAllAway ? 'Bring back' : 'Put away'}
          </button>
          <button
            type="button"
            onClick={() => {
              setAsking(true);
            }}
          >
            Delete
          </button>
        </>
      )}
      <button
        type="button"
        class="quiet"
        onClick={() => {
          setQuery({ chosen: null });
        }}
      >
        Clear
      </button>
      {isAsking && (
        <Ask
          title={`Delete ${own.length === 1 ? own[0]!.name : `${own.length} runs`}?`}
          action="Move to the trash"
          isDangerous
          onDone={(isAgreed) => {
            setAsking(false);
            if (!isAgreed) return;
            setQuery({ chosen: null });
            void removeRuns(own.map(({ id }) => id));
          }}
        >
          They can be brought back until the trash is emptied.
        </Ask>
      )}
    </div>
  );
}

function Nothing({ hasRuns }: { readonly hasRuns: boolean }) {
  return (
    <div class="empty">
      {hasRuns ? (
        <>
          <h2>No run fits</h2>
          <p>Nothing that is shown has all of this. Put-away runs are left out unless they are asked for.</p>
          <button
            type="button"
            onClick={() => {
              setQuery({ q: null });
            }}
          >
            Clear the search
          </button>
        </>
      ) : (
        <>
          <h2>No runs yet</h2>
          <p>
            Train something, in a terminal or <a href={hrefOf(['launch'])}>from here</a>: it appears as soon as its
            folder does.
          </p>
        </>
      )}
    </div>
  );
}
