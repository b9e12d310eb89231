import { useState } from 'preact/hooks';
import { forkQuery } from '../launch/form-state.ts';
import { Ask, Command } from '../parts/controls.tsx';
import { formatMoment, formatNumber, formatSpan } from '../parts/format.ts';
import { Status } from '../parts/status.tsx';
import { goTo, hrefOf } from '../state/address.ts';
import { say } from '../state/notices.ts';
import { lineOf, server } from '../state/requests.ts';
import { canChange, canLaunch, changeRun, removeRuns } from '../state/runs.ts';
import { beatsBaseline } from '../table/filter.ts';
import { Star } from '../table/grid.tsx';
import { ProcessFacts } from './process-facts.tsx';
import type { RunDetailProps } from './run-page.tsx';

const ALIVE = new Set(['running', 'stalled']);

/** Name, state, figures and what can be done with a run. */
export function RunHead({ detail }: RunDetailProps) {
  const { row, command, resumeCommand } = detail;
  const isEditable = canChange.value && !row.isForeign;
  return (
    <div class="run-head">
      <p class="crumbs">
        <a href={hrefOf([])}>Runs</a> / <a href={hrefOf([], { q: `system = ${row.system}` })}>{row.system}</a>
        {row.sweep !== null && (
          <>
            {' '}
            / <a href={hrefOf([], { q: `sweep = "${row.sweep}"` })}>{row.sweep}</a>
          </>
        )}
        {row.study !== null && (
          <>
            {' '}
            / <a href={hrefOf([], { q: `study = "${row.study}"` })}>{row.study}</a>
          </>
        )}
      </p>
      <div class="run-title">
        <Star row={row} />
        <Title key={row.id} id={row.id} name={row.name} isEditable={isEditable} />
        <Status status={row.status} />
        <Actions detail={detail} />
      </div>
      <Facts detail={detail} />
      {row.problems.length > 0 && (
        <ul class="warning">
          {row.problems.map((problem) => (
            <li key={problem}>{problem}</li>
          ))}
        </ul>
      )}
      <Note key={`note ${row.id}`} id={row.id} note={row.note} isEditable={isEditable} />
      {command !== null && <Command text={command} label="Command of this run" />}
      {resumeCommand !== null && row.status !== 'completed' && row.status !== 'running' && (
        <Command text={resumeCommand} label="Command that goes on with it" />
      )}
    </div>
  );
}

interface EditProps {
  readonly id: string;
  readonly isEditable: boolean;
}

function Title({ id, name, isEditable }: EditProps & { readonly name: string }) {
  const [isEdited, setEdited] = useState(false);
  if (!isEdited)
    return (
      <h1>
        {name}
        {isEditable && (
          <button
            type="button"
            class="quiet small"
            onClick={() => {
              setEdited(true);
            }}
          >
            Rename
          </button>
        )}
      </h1>
    );
  const save = (value: string): void => {
    setEdited(false);
    if (value.trim() !== '' && value !== name) void changeRun(id, { name: value.trim() });
  };
  return (
    <input
      class="title-input"
      aria-label="Name of the run"
      maxLength={200}
      value={name}
      ref={(input) => {
        input?.focus();
      }}
      onBlur={({ currentTarget }) => {
        save(currentTarget.value);
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter') save(event.currentTarget.value);
        else if (event.key === 'Escape') setEdited(false);
      }}
    />
  );
}

function Note({ id, note, isEditable }: EditProps & { readonly note: string }) {
  if (!isEditable) return note === '' ? null : <p class="note">{note}</p>;
  return (
    <textarea
      class="note"
      rows={note.includes('\n') ? 3 : 1}
      aria-label="Note"
      placeholder="Note: what was tried, what was learnt"
      maxLength={10_000}
      value={note}
      onBlur={({ currentTarget }) => {
        if (currentTarget.value !== note) void changeRun(id, { note: currentTarget.value });
      }}
    />
  );
}

function Facts({ detail: { row } }: RunDetailProps) {
  const { objective, baseline } = row;
  const isBetter = beatsBaseline(row);
  const facts: readonly (readonly [string, string])[] = [
    ['Preset', row.preset ?? '–'],
    ['Started', formatMoment(row.startedAt)],
    ['Took', formatSpan(row.tookInSeconds)],
    ['Step', formatNumber(row.step)],
    ['Device', row.device ?? '–'],
  ];
  return (
    <dl class="facts">
      <div class="fact-main">
        <dt>{objective?.name ?? 'Objective'}</dt>
        <dd>
          {formatNumber(objective?.value)}
          {baseline !== null && (
            <small>
              {isBetter === undefined ? 'beside' : isBetter ? '▲ better than' : '▼ worse than'} {baseline.name}{' '}
              {formatNumber(baseline.value)}
            </small>
          )}
        </dd>
      </div>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
      {ALIVE.has(row.status) && <ProcessFacts id={row.id} />}
    </dl>
  );
}

function Actions({ detail }: RunDetailProps) {
  const { row, checkpoints } = detail;
  const [isAsking, setAsking] = useState(false);
  const tell = (work: Promise<unknown>, done: string): void => {
    work.then(
      () => {
        say(done);
      },
      (error: unknown) => {
        say(lineOf(error), 'bad');
      },
    );
  };
  const launch = (command: 'evaluate' | 'figures' | 'train', done: string): void => {
    const isResumed = command === 'train';
    tell(
      server.launch({ system: row.system, command, settings: {}, run: row.id, ...(isResumed ? { isResumed } : {}) }),
      done,
    );
  };
  const isAlive = ALIVE.has(row.status);
  const isOwn = !row.isForeign;
  return (
    <div class="actions">
      {canChange.value && isAlive && (
        <button
          type="button"
          onClick={() => {
            tell(server.stop(row.id), 'The run stops after a checkpoint.');
          }}
        >
          Stop
        </button>
      )}
      {canLaunch.value && isOwn && !isAlive && checkpoints.length > 0 && row.status !== 'completed' && (
        <button
          type="button"
          onClick={() => {
            launch('train', 'The run goes on as soon as it is its turn.');
          }}
        >
          Resume
        </button>
      )}
      {canLaunch.value && isOwn && checkpoints.length > 0 && (
        <>
          <button
            type="button"
            onClick={() => {
              launch('evaluate', 'The evaluation is in the queue.');
            }}
          >
            Evaluate
          </button>
          <button
            type="button"
            onClick={() => {
              launch('figures', 'The figures are in the queue.');
            }}
          >
            Draw figures
          </button>
        </>
      )}
      {detail.hasReport && (
        <a class="button" href={`api/runs/${encodeURIComponent(row.id)}/report`} target="_blank" rel="noreferrer">
          Report
        </a>
      )}
      {canLaunch.value && isOwn && (
        <a class="button" href={hrefOf(['launch'], forkQuery(detail))}>
          Fork
        </a>
      )}
      {canChange.value && isOwn && (
        <>
          <button type="button" onClick={() => void changeRun(row.id, { isPutAway: !row.isPutAway })}>
            {row.isPutAway ? 'Bring back' : 'Put away'}
          </button>
          <button
            type="button"
            disabled={isAlive}
            title={isAlive ? 'Stop it first' : undefined}
            onClick={() => {
              setAsking(true);
            }}
          >
            Delete
          </button>
        </>
      )}
      {isAsking && (
        <Ask
          title={`Delete ${row.name}?`}
          action="Move to the trash"
          isDangerous
          onDone={(isAgreed) => {
            setAsking(false);
            if (!isAgreed) return;
            void removeRuns([row.id]).then(() => {
              goTo([]);
            });
          }}
        >
          It can be brought back until the trash is emptied.
        </Ask>
      )}
    </div>
  );
}
