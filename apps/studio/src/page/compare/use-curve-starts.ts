import { useEffect, useState } from 'preact/hooks';
import { say } from '../state/notices.ts';
import { type Axis, lineOf, server } from '../state/requests.ts';

/** First x of each curve, by name and run. A metric that has one value alone, such as that of a test, is none. */
export type CurveStarts = ReadonlyMap<string, ReadonlyMap<string, number>>;

const MOST_NAMES = 500;

/** Curves that runs have among some metrics; undefined until it is known. */
export function useCurveStarts(ids: readonly string[], names: readonly string[], axis: Axis): CurveStarts | undefined {
  const [starts, setStarts] = useState<CurveStarts | undefined>();
  const [runKey, nameKey] = [ids.join('\n'), names.join('\n')];
  useEffect(() => {
    if (runKey === '' || nameKey === '') {
      setStarts(new Map());
      return;
    }
    const abort = new AbortController();
    const query = { names: nameKey.split('\n').slice(0, MOST_NAMES), axis, pixels: 1 };
    server.curves(runKey.split('\n'), query, abort.signal).then(
      (answers) => {
        const found = new Map<string, Map<string, number>>();
        for (const [id, { curves }] of Object.entries(answers))
          for (const { name, x, total } of curves) {
            if (total < 2 || x[0] === undefined) continue;
            const own = found.get(name) ?? new Map<string, number>();
            own.set(id, x[0]);
            found.set(name, own);
          }
        setStarts(found);
      },
      (error: unknown) => {
        if (!abort.signal.aborted) say(lineOf(error), 'bad');
      },
    );
    return () => {
      abort.abort();
    };
  }, [runKey, nameKey, axis]);
  return starts;
}
