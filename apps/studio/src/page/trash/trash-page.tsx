import { useEffect, useState } from 'preact/hooks';
import type { TrashRow } from '../../shared/api.ts';
import { Ask } from '../parts/controls.tsx';
import { formatBytes, formatMoment } from '../parts/format.ts';
import { say } from '../state/notices.ts';
import { lineOf, server } from '../state/requests.ts';
import { canChange, listVersion, loadRuns } from '../state/runs.ts';

/** Runs that were deleted: each can be brought back, until all are removed from the disk. */
export function TrashPage() {
  const [rows, setRows] = useState<readonly TrashRow[] | undefined>();
  const [isAsking, setAsking] = useState(false);
  const load = (): void => {
    server.trash().then(
      (found) => {
        setRows(found);
      },
      (error: unknown) => {
        say(lineOf(error), 'bad');
        setRows([]);
      },
    );
  };
  useEffect(load, [listVersion.value]);
  const act = (work: Promise<unknown>, done: string): void => {
    work.then(
      () => {
        say(done);
        load();
        void loadRuns();
      },
      (error: unknown) => {
        say(lineOf(error), 'bad');
        load();
      },
    );
  };
  return (
    <div class="trash-page">
      <div class="run-title">
        <h1>Trash</h1>
        {canChange.value && rows !== undefined && rows.length > 0 && (
          <button
            type="button"
            class="danger"
            onClick={() => {
              setAsking(true);
            }}
          >
            Empty the trash
          </button>
        )}
      </div>
      {rows === undefined ? (
        <p class="loading">Reading the trash …</p>
      ) : rows.length === 0 ? (
        <div class="empty">
          <h2>The trash is empty</h2>
          <p>Deleted runs wait here until they are removed for good.</p>
        </div>
      ) : (
        <div class="scroll" tabIndex={0} role="region" aria-label="Deleted runs">
          <table class="plain">
            <thead>
              <tr>
                <th scope="col">Run</th>
                <th scope="col">System</th>
                <th scope="col">Deleted</th>
                <th scope="col" class="number">
                  Size
                </th>
                <th scope="col">
                  <span class="hidden">Action</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.id}>
                  <th scope="row" title={row.path}>
                    {row.name}
                  </th>
                  <td>{row.system}</td>
                  <td>{formatMoment(row.deletedAt)}</td>
                  <td class="number">{formatBytes(row.bytes)}</td>
                  <td>
                    {canChange.value && (
                      <button
                        type="button"
                        aria-label={`Restore ${row.name}`}
                        onClick={() => {
                          act(server.restore(row.id), `${row.name} is back.`);
                        }}
                      >
                        Restore
                      </button>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {isAsking && (
        <Ask
          title="Empty the trash?"
          action={rows?.length === 1 ? 'Remove it for good' : `Remove ${rows?.length ?? 0} runs for good`}
          isDangerous
          onDone={(isAgreed) => {
            setAsking(false);
            if (isAgreed) act(server.emptyTrash(), 'The trash is empty.');
          }}
        >
          Their folders, with weights and metrics, are removed from the disk. This cannot be undone.
        </Ask>
      )}
    </div>
  );
}
