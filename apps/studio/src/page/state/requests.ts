import type {
  CurveAnswer,
  MachineInfo,
  ProcessInfo,
  RunMarks,
  StudioSettings,
  TrashRow,
  LaunchRequest,
  LaunchRow,
  Refusal,
  RunDetail,
  RunList,
  RunRow,
  StudioState,
  SystemInfo,
} from '../../shared/api.ts';
import { TOKEN_HEADER, readToken } from './token.ts';

/** A refusal of the server, or its silence, in one line for the user. */
class RequestError extends Error {
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.name = 'RequestError';
    this.status = status;
  }
}

/** Question for curves. */
export interface CurveQuery {
  readonly names: readonly string[];
  readonly axis: Axis;
  readonly pixels: number;
  readonly from?: number;
  readonly to?: number;
  readonly smoothing?: number;
}

export const AXES = ['step', 'epoch', 'time'] as const;
export type Axis = (typeof AXES)[number];

async function request<Answer>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Answer> {
  let response: Response;
  try {
    response = await send(method, path, body, signal, await readToken(false));
    // A server that was started again has another token.
    if (response.status === 401 || response.status === 403) {
      const token = await readToken(true);
      response = await send(method, path, body, signal, token);
    }
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new RequestError('the studio does not answer: is it still running?', 0);
  }
  if (!response.ok) throw new RequestError(await refusalOf(response), response.status);
  return (response.status === 204 ? undefined : await response.json()) as Answer;
}

function send(
  method: string,
  path: string,
  body: unknown,
  signal: AbortSignal | undefined,
  token: string,
): Promise<Response> {
  return fetch(path, {
    method,
    headers: { [TOKEN_HEADER]: token, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
}

async function refusalOf(response: Response): Promise<string> {
  try {
    const { error } = (await response.json()) as Partial<Refusal>;
    if (typeof error === 'string') return error;
  } catch {
    // A proxy's answer is no JSON.
  }
  return `the studio refused with status ${response.status}`;
}

const runPath = (id: string, rest = ''): string => `api/runs/${encodeURIComponent(id)}${rest}`;

/** Every request of the page to its server. Each throws a RequestError with one line to show. */
export const server = {
  state: () => request<StudioState>('GET', 'api/state'),
  runs: () => request<RunList>('GET', 'api/runs'),
  run: (id: string, signal?: AbortSignal) => request<RunDetail>('GET', runPath(id), undefined, signal),
  /** Curves of several runs, by run. Runs that have none of them are left out. */
  curves: async (ids: readonly string[], query: CurveQuery, signal?: AbortSignal) => {
    const search = curveSearch(ids, query);
    return (
      await request<{ readonly runs: Readonly<Record<string, CurveAnswer>> }>(
        'GET',
        `api/curves?${search}`,
        undefined,
        signal,
      )
    ).runs;
  },
  change: (id: string, changes: RunMarks) => request<RunRow>('PATCH', runPath(id), changes),
  stop: (id: string) => request<unknown>('POST', runPath(id, '/stop'), {}),
  trash: () => request<readonly TrashRow[]>('GET', 'api/trash'),
  remove: (id: string) => request<unknown>('DELETE', runPath(id)),
  restore: (id: string) => request<unknown>('POST', `api/trash/${encodeURIComponent(id)}/restore`, {}),
  emptyTrash: () => request<unknown>('DELETE', 'api/trash'),
  systems: () => request<readonly SystemInfo[]>('GET', 'api/systems'),
  launches: () => request<readonly LaunchRow[]>('GET', 'api/launches'),
  launch: (launch: LaunchRequest) => request<LaunchRow>('POST', 'api/launches', launch),
  /** The command that a launch would run. */
  commandOf: async (launch: LaunchRequest) =>
    (await request<Pick<LaunchRow, 'command'>>('POST', 'api/launches', { ...launch, isDry: true })).command,
  stopLaunch: (id: string) => request<unknown>('POST', `api/launches/${encodeURIComponent(id)}/stop`, {}),
  machine: () => request<MachineInfo>('GET', 'api/machine'),
  process: (id: string) => request<ProcessInfo>('GET', runPath(id, '/process')),
  setAtOnce: (atOnce: number) => request<StudioState>('PATCH', 'api/state', { atOnce } satisfies StudioSettings),
};

/** Where curves are as a table in full. */
export function csvHref(id: string, names: readonly string[]): string {
  const search = new URLSearchParams(names.map((name) => ['name', name]));
  return runPath(id, `/curves.csv?${search.toString()}`);
}

function curveSearch(ids: readonly string[], { names, axis, pixels, from, to, smoothing }: CurveQuery): string {
  const search = new URLSearchParams(ids.map((id) => ['run', id]));
  for (const name of names) search.append('name', name);
  search.set('axis', axis);
  search.set('pixels', String(pixels));
  if (from !== undefined) search.set('from', String(from));
  if (to !== undefined) search.set('to', String(to));
  // Lines reach the edges of a zoomed chart.
  if (to !== undefined) search.set('edges', '1');
  if (smoothing !== undefined && smoothing > 0) search.set('smoothing', String(smoothing));
  return search.toString();
}

/** One line of an error for the user. */
export function lineOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
