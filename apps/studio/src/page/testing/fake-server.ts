import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import type { CurveData, LaunchRequest, LaunchRow, RunRow, StudioEvent } from '../../shared/api.ts';
import { makeCurve, makeDetail, makeRow, smoothed, systems } from './made-runs.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};
const START = Date.UTC(2026, 10, 30, 9);
/** As strict as the real server's: no inline scripts, no inline styles. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'";

interface FakeOptions {
  readonly folder: string;
  readonly runs: number;
  readonly points?: number;
  readonly charts?: number;
  readonly token?: string;
  readonly port?: number;
}

/** Server with made runs that keeps to the contract: pages are tested on it without a training. */
export class FakeServer {
  readonly rows = new Map<string, RunRow>();
  readonly trash = new Map<string, RunRow>();
  readonly queue: LaunchRow[] = [];
  /** Bodies of launches. */
  readonly launched: LaunchRequest[] = [];
  /** Requests as `GET /api/runs`. */
  readonly requests: string[] = [];
  /** Queries of curves. */
  readonly queries: string[] = [];
  /** Points that were added to live curves. */
  readonly added = new Map<string, { x: number; y: number | null }[]>();
  readonly #options: FakeOptions;
  readonly #server: Server;
  readonly #streams = new Set<ServerResponse>();
  #version = 1;

  private constructor(options: FakeOptions) {
    this.#options = options;
    for (let index = 0; index < options.runs; index++) {
      const row = makeRow(index);
      this.rows.set(row.id, row);
    }
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => {
        response.writeHead(500).end(String(error));
      });
    });
  }

  static async start(options: FakeOptions): Promise<FakeServer> {
    const server = new FakeServer(options);
    await new Promise<void>((resolve) => server.#server.listen(options.port ?? 0, '127.0.0.1', resolve));
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/`;
  }

  get openStreams(): number {
    return this.#streams.size;
  }

  async close(): Promise<void> {
    for (const stream of this.#streams) stream.destroy();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  emit(event: StudioEvent): void {
    for (const stream of this.#streams) stream.write(`data: ${JSON.stringify(event)}\n\n`);
  }

  /** Changes a row, and tells. */
  change(id: string, changes: Partial<RunRow>): RunRow {
    const row = { ...this.rows.get(id)!, ...changes };
    this.rows.set(id, row);
    this.emit({ kind: 'runs', version: ++this.#version, changed: [row], removed: [] });
    return row;
  }

  /** Takes a run away, as if its folder was removed, and tells. */
  remove(id: string): void {
    this.rows.delete(id);
    this.emit({ kind: 'runs', version: ++this.#version, changed: [], removed: [id] });
  }

  /** Adds a point to a curve of a run, and tells. */
  addPoint(id: string, name: string, x: number, y: number | null): void {
    const key = `${id} ${name}`;
    this.added.set(key, [...(this.added.get(key) ?? []), { x, y }]);
    this.emit({ kind: 'metrics', id, curves: [name], lastStep: x });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    const method = request.method ?? 'GET';
    const path = url.pathname.split('/').slice(1).map(decodeURIComponent);
    if (path[0] !== 'api') {
      await this.#file(url.pathname, response);
      return;
    }
    this.requests.push(`${method} ${url.pathname}`);
    if (path[1] === 'curves') this.queries.push(url.search);
    const isTokenAsked = method !== 'GET' || path[1] === 'events';
    if (isTokenAsked && request.headers['x-studio-token'] !== (this.#options.token ?? 'token')) {
      json(response, 403, { error: 'the token of this start is missing' });
      return;
    }
    const body: unknown = method === 'GET' ? undefined : JSON.parse((await bodyOf(request)) || '{}');
    if (path[1] === 'events') {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      response.write(': open\n\n');
      this.#streams.add(response);
      response.on('close', () => this.#streams.delete(response));
      return;
    }
    const [, kind, id, part] = path;
    if (kind === 'state')
      json(response, 200, { version: '0', isReadOnly: false, canLaunch: true, folders: ['runs'], atOnce: 1 });
    else if (kind === 'systems') json(response, 200, systems);
    else if (kind === 'launches') this.#launches(method, id, body as LaunchRequest, response);
    else if (kind === 'figure') svg(response, id ?? '', part ?? '');
    else if (kind === 'curves') this.#curvesOfRuns(url.searchParams, response);
    else if (kind === 'machine')
      json(response, 200, { cores: 2, load: 1.2, usedBytes: 3_100_000_000, totalBytes: 8_200_000_000 });
    else if (kind === 'trash') this.#trash(method, id, response);
    else if (kind === 'runs' && id === undefined)
      json(response, 200, { version: this.#version, runs: [...this.rows.values()] });
    else if (kind === 'runs' && id !== undefined) this.#run(method, id, part, url, body, response);
    else json(response, 404, { error: `there is no ${url.pathname}` });
  }

  #run(method: string, id: string, part: string | undefined, url: URL, body: unknown, response: ServerResponse): void {
    const row = this.rows.get(id);
    if (row === undefined) {
      json(response, 404, { error: `there is no run ${id}` });
      return;
    }
    const { points = 400, charts = 0 } = this.#options;
    if (part === 'process') json(response, 200, { processId: 4711, memoryBytes: 812_000_000, cores: 1.6 });
    else if (part === 'curves.csv')
      response.writeHead(200, { 'content-type': 'text/csv' }).end('step,train/loss\n0,1\n');
    else if (part === 'stop') json(response, 200, this.change(id, { status: 'stopped' }));
    else if (method === 'PATCH') json(response, 200, this.change(id, body as Partial<RunRow>));
    else if (method === 'DELETE') {
      this.trash.set(id, row);
      this.remove(id);
      json(response, 200, {});
    } else json(response, 200, makeDetail(row, points, charts));
  }

  #curvesOfRuns(query: URLSearchParams, response: ServerResponse): void {
    const { points = 400 } = this.#options;
    const ids = query.getAll('run').filter((id) => this.rows.has(id));
    json(response, 200, {
      runs: Object.fromEntries(ids.map((id) => [id, { curves: this.#curves(id, query, points) }])),
    });
  }

  #curves(id: string, query: URLSearchParams, points: number): CurveData[] {
    const index = Number(id.slice(id.lastIndexOf('-') + 1));
    const [from, to] = [Number(query.get('from') ?? -Infinity), Number(query.get('to') ?? Infinity)];
    return query.getAll('name').map((name) => {
      const whole = makeCurve(index, name, name.startsWith('train') ? points : 40);
      const added = this.added.get(`${id} ${name}`) ?? [];
      const long = {
        ...whole,
        x: [...whole.x, ...added.map(({ x }) => x)],
        y: [...whole.y, ...added.map(({ y }) => y)],
      };
      const weight = Number(query.get('smoothing') ?? 0);
      const curve = weight > 0 ? smoothed(long, weight) : long;
      const kept = curve.x.map((x) => x >= from && x <= to);
      const pick = <Value>(values: readonly Value[]): Value[] => values.filter((_, at) => kept[at]);
      return {
        ...curve,
        x: pick(curve.x),
        y: pick(curve.y),
        smooth: curve.smooth === null ? null : pick(curve.smooth),
        gaps: curve.gaps.filter(({ x }) => x >= from && x <= to),
      };
    });
  }

  #trash(method: string, id: string | undefined, response: ServerResponse): void {
    if (method === 'POST' && id !== undefined) {
      const row = this.trash.get(id);
      this.trash.delete(id);
      if (row !== undefined) this.rows.set(id, row);
    } else if (method === 'DELETE') this.trash.clear();
    json(
      response,
      200,
      [...this.trash.values()].map((row) => ({
        id: row.id,
        path: row.path,
        name: row.name,
        system: row.system,
        deletedAt: START,
        bytes: 12_000_000,
      })),
    );
  }

  #launches(method: string, id: string | undefined, body: LaunchRequest, response: ServerResponse): void {
    if (method === 'GET') json(response, 200, this.queue);
    else if (id !== undefined) {
      const at = this.queue.findIndex((row) => row.id === id);
      if (at >= 0) this.queue.splice(at, 1);
      this.emit({ kind: 'queue', queue: this.queue });
      json(response, 200, {});
    } else {
      const settings = Object.entries(body.settings).map(([key, value]) => ` --set ${key}=${JSON.stringify(value)}`);
      const preset = body.preset === undefined ? '' : ` --preset ${body.preset}`;
      const command = `pnpm --filter ${body.system} ${body.command}${preset}${settings.join('')}`;
      const row: LaunchRow = { id: `launch-${this.queue.length}`, command, status: 'queued', run: null, output: [] };
      if (body.isDry !== true) {
        this.queue.push(row);
        this.launched.push(body);
        this.emit({ kind: 'queue', queue: this.queue });
      }
      json(response, 200, row);
    }
  }

  async #file(path: string, response: ServerResponse): Promise<void> {
    const name = normalize(path === '/' ? '/index.html' : path);
    try {
      let content: Buffer | string = await readFile(join(this.#options.folder, name));
      if (name === '/index.html')
        content = content
          .toString()
          .replace('<head>', `<head><meta name="studio-token" content="${this.#options.token ?? 'token'}">`);
      const type = TYPES[extname(name)] ?? 'application/octet-stream';
      response.writeHead(200, { 'content-type': type, 'content-security-policy': POLICY }).end(content);
    } catch {
      response.writeHead(404).end();
    }
  }
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function svg(response: ServerResponse, id: string, name: string): void {
  const picture = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 120"><rect width="200" height="120" fill="#cde"/><text x="10" y="60">${id} ${name}</text></svg>`;
  response.writeHead(200, { 'content-type': 'image/svg+xml' }).end(picture);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of request) text += String(part);
  return text;
}
