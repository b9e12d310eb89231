import { useEffect } from 'preact/hooks';
import type { LaunchRow } from '../../shared/api.ts';
import { hrefOf } from '../state/address.ts';
import { say } from '../state/notices.ts';
import { lineOf, server } from '../state/requests.ts';
import { canLaunch, listVersion, studio } from '../state/runs.ts';
import { queue } from '../state/stream.ts';

const SIGNS: Readonly<Record<string, string>> = { queued: '◌', running: '▶', done: '✓', failed: '!', stopped: '■' };
const MOST_AT_ONCE = 16;

/** Launches that wait, run and are done, with the last lines that they wrote. */
export function Queue() {
  useEffect(() => {
    server.launches().then(
      (rows) => {
        queue.value = rows;
      },
      (error: unknown) => {
        say(lineOf(error), 'bad');
      },
    );
  }, [listVersion.value]);
  const rows = queue.value;
  const waiting = rows.filter(({ status }) => status === 'queued').length;
  return (
    <section class="queue">
      <h2>Queue</h2>
      <div class="toolbar">
        <label class="field">
          <span>At a time</span>
          <input
            type="number"
            min={1}
            max={MOST_AT_ONCE}
            disabled={!canLaunch.value}
            value={studio.value?.atOnce ?? 1}
            onChange={({ currentTarget }) => {
              const atOnce = Number(currentTarget.value);
              server.setAtOnce(atOnce).then(
                (state) => {
                  studio.value = state;
                },
                (error: unknown) => {
                  say(lineOf(error), 'bad');
                },
              );
            }}
          />
        </label>
        <span class="count" role="status">
          {rows.length === 0 ? 'nothing was launched from here' : `${rows.length} launches, ${waiting} waiting`}
        </span>
      </div>
      <ul class="launches">
        {rows.map((row) => (
          <Launch key={row.id} row={row} />
        ))}
      </ul>
    </section>
  );
}

function Launch({ row }: { readonly row: LaunchRow }) {
  const { id, command, status, run, output } = row;
  const isOpen = status === 'queued' || status === 'running';
  return (
    <li data-status={status}>
      <div class="launch-line">
        <span class="status" data-status={status === 'done' ? 'completed' : status}>
          <span class="status-glyph" aria-hidden="true">
            {SIGNS[status] ?? '?'}
          </span>
          {status}
        </span>
        <code>{command}</code>
        {run !== null && <a href={hrefOf(['run', run])}>{run}</a>}
        {isOpen && canLaunch.value && (
          <button
            type="button"
            aria-label={`${status === 'queued' ? 'Take out' : 'Stop'}: ${command}`}
            onClick={() => {
              server.stopLaunch(id).catch((error: unknown) => {
                say(lineOf(error), 'bad');
              });
            }}
          >
            {status === 'queued' ? 'Take out' : 'Stop'}
          </button>
        )}
      </div>
      {output.length > 0 && (
        <details open={status === 'failed'}>
          <summary>Output</summary>
          <pre tabIndex={0}>{output.join('\n')}</pre>
        </details>
      )}
    </li>
  );
}
