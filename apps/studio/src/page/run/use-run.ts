import { useEffect, useState } from 'preact/hooks';
import type { RunDetail } from '../../shared/api.ts';
import { lineOf, server } from '../state/requests.ts';
import { listVersion, runsById } from '../state/runs.ts';

export interface RunFound {
  readonly detail: RunDetail | undefined;
  readonly error: string | undefined;
}

const PAUSE_IN_MS = 1000;

/** Everything of a run, read again as its row changes, a second apart at least. */
export function useRun(id: string): RunFound {
  const [found, setFound] = useState<RunFound>({ detail: undefined, error: undefined });
  const row = runsById.value?.get(id);
  useEffect(() => {
    setFound({ detail: undefined, error: undefined });
  }, [id]);
  useEffect(() => {
    const abort = new AbortController();
    const isFirst = found.detail?.row.id !== id;
    const timer = setTimeout(
      () => {
        server.run(id, abort.signal).then(
          (detail) => {
            setFound({ detail, error: undefined });
          },
          (error: unknown) => {
            if (!abort.signal.aborted) setFound((before) => ({ detail: before.detail, error: lineOf(error) }));
          },
        );
      },
      isFirst ? 0 : PAUSE_IN_MS,
    );
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [id, row?.changedAt, row?.status, row?.step, listVersion.value]);
  return found;
}
