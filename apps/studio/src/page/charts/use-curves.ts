import { useEffect, useRef, useState } from 'preact/hooks';
import type { CurveData } from '../../shared/api.ts';
import { type Axis, lineOf, server } from '../state/requests.ts';
import { listVersion, runsById } from '../state/runs.ts';
import { onMetrics } from '../state/stream.ts';
import { endOf, extendCurve } from './curve-parts.ts';
import type { Range } from './series.ts';

export interface CurvesWanted {
  readonly runs: readonly string[];
  readonly names: readonly string[];
  readonly axis: Axis;
  readonly smoothing: number;
  readonly range: Range | undefined;
  readonly pixels: number;
}

export interface CurvesFound {
  /** Curves by run and name; undefined until the first came. */
  readonly curves: ReadonlyMap<string, ReadonlyMap<string, CurveData>> | undefined;
  readonly error: string | undefined;
}

const ZOOM_PAUSE_IN_MS = 120;
const LIVE_PAUSE_IN_MS = 300;
/** Points that a live curve may have for each pixel before it is thinned anew. */
const POINTS_A_PIXEL = 8;

/**
 * Curves of runs, kept up to date by the stream. A live run asks for its new part alone; what is zoomed is asked for in
 * its full detail, and what was there is shown until it comes.
 */
export function useCurves(wanted: CurvesWanted): CurvesFound {
  const [found, setFound] = useState<CurvesFound>({ curves: undefined, error: undefined });
  const state = useRef<Map<string, ReadonlyMap<string, CurveData>>>(new Map());
  const { axis, smoothing, range, pixels } = wanted;
  const ids = wanted.runs.join('\n');
  const names = wanted.names.join('\n');
  const from = range?.min;
  const to = range?.max;
  const isFirst = useRef(true);

  useEffect(() => {
    isFirst.current = true;
    state.current = new Map([...state.current].filter(([id]) => ids.split('\n').includes(id)));
  }, [ids, names, axis]);

  useEffect(() => {
    const abort = new AbortController();
    const list = ids === '' ? [] : ids.split('\n');
    const query = {
      names: names.split('\n'),
      axis,
      pixels,
      smoothing,
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
    };
    const show = (error?: string): void => {
      if (!abort.signal.aborted) setFound({ curves: new Map(state.current), error });
    };
    const load = async (wantedIds: readonly string[]): Promise<void> => {
      try {
        const answers = await server.curves(wantedIds, query, abort.signal);
        for (const [id, { curves }] of Object.entries(answers))
          state.current.set(id, new Map(curves.map((curve) => [curve.name, curve])));
        show();
      } catch (error) {
        if (!abort.signal.aborted) show(lineOf(error));
      }
    };
    const extend = async (id: string): Promise<void> => {
      const own = state.current.get(id);
      const ends = [...(own?.values() ?? [])].map(endOf);
      // Curves that are empty, or that grew too long for the chart, come whole.
      const isLong = [...(own?.values() ?? [])].some(({ x }) => x.length > POINTS_A_PIXEL * pixels);
      if (own === undefined || isLong || ends.includes(undefined)) {
        await load([id]);
        return;
      }
      let start = Infinity;
      for (const end of ends) start = Math.min(start, end!);
      try {
        const answers = await server.curves([id], { ...query, from: start }, abort.signal);
        const answer = answers[id];
        if (answer === undefined) return;
        state.current.set(
          id,
          new Map(
            answer.curves.map((part) => {
              const before = own.get(part.name);
              return [part.name, before === undefined ? part : extendCurve(before, part)];
            }),
          ),
        );
        show();
      } catch {
        // The next line of the run, or the list after a reconnection, asks again.
      }
    };

    const pause = isFirst.current ? 0 : ZOOM_PAUSE_IN_MS;
    isFirst.current = false;
    const timer = setTimeout(() => {
      if (list.length === 0) show();
      else void load(list);
    }, pause);

    const timers = new Map<string, ReturnType<typeof setTimeout>>();
    const follow = (id: string): void => {
      if (timers.has(id)) return;
      timers.set(
        id,
        setTimeout(() => {
          timers.delete(id);
          void extend(id);
        }, LIVE_PAUSE_IN_MS),
      );
    };
    const stops = list.map((id) =>
      onMetrics(id, () => {
        follow(id);
      }),
    );
    // A folder that changes without a training, such as one that is copied, has no lines announced.
    let rows = runsById.peek();
    stops.push(
      runsById.subscribe((next) => {
        for (const id of list) if (next?.get(id)?.changedAt !== rows?.get(id)?.changedAt) follow(id);
        rows = next;
      }),
    );
    return () => {
      abort.abort();
      clearTimeout(timer);
      for (const each of timers.values()) clearTimeout(each);
      for (const stop of stops) stop();
    };
  }, [ids, names, axis, smoothing, from, to, pixels, listVersion.value]);

  return found;
}
