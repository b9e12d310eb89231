import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StudioEvent } from '../../shared/api.ts';
import { startServer, type ServerOptions, type StudioServer } from '../server.ts';

/** Answer of a request. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
  readonly bytes: Buffer;
}

/** A server for tests, with its own folders. */
export interface TestServer {
  readonly folder: string;
  readonly runs: string;
  readonly server: StudioServer;
  /** Sends a request as it is given: nothing is added. */
  raw(
    method: string,
    path: string,
    headers?: Readonly<Record<string, string>>,
    body?: string | Buffer,
  ): Promise<Answer>;
  get<T>(path: string): Promise<T>;
  /** Sends a change as the page would. */
  change(method: string, path: string, body?: unknown): Promise<Answer>;
  close(): Promise<void>;
}

/** Makes a folder with `runs`, `cache` and a small page. */
export async function makeFolders(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'motley-studio-'));
  await mkdir(join(folder, 'runs'));
  await mkdir(join(folder, 'page/assets'), { recursive: true });
  await writeFile(
    join(folder, 'page/index.html'),
    '<!doctype html><html><head><title>t</title></head><body></body></html>',
  );
  await writeFile(join(folder, 'page/assets/a.js'), 'export {};');
  return folder;
}

/** Starts a real server on a free port. */
export async function startTestServer(options: Partial<ServerOptions> = {}, folder?: string): Promise<TestServer> {
  const place = folder ?? (await makeFolders());
  const server = await startServer({
    port: 0,
    runs: [join(place, 'runs')],
    cache: join(place, 'cache'),
    workspace: join(place, 'workspace'),
    page: () => Promise.resolve(join(place, 'page')),
    describesSystems: false,
    ...options,
  });
  const { port, token } = server;
  const raw: TestServer['raw'] = (method, path, headers = {}, body) =>
    new Promise((resolve, reject) => {
      const host = headers.host ?? `localhost:${port}`;
      const sent = request(
        { host: '127.0.0.1', port, method, path, headers: { ...headers, host }, setHost: false, agent: false },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () => {
            const bytes = Buffer.concat(chunks);
            resolve({ status: response.statusCode!, headers: response.headers, text: bytes.toString(), bytes });
          });
          response.on('error', reject);
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
  return {
    folder: place,
    runs: join(place, 'runs'),
    server,
    raw,
    async get<T>(path: string) {
      const { status, text } = await raw('GET', path);
      if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
      return JSON.parse(text) as T;
    },
    change: (method, path, body) =>
      raw(
        method,
        path,
        {
          origin: `http://localhost:${port}`,
          'x-studio-token': token,
          'content-type': 'application/json',
        },
        body === undefined ? undefined : JSON.stringify(body),
      ),
    async close() {
      await server.close();
      if (folder === undefined) await rm(place, { recursive: true, force: true });
    },
  };
}

/** Reads the stream of events until `isEnough` says so. */
export async function readEvents(
  { server }: Pick<TestServer, 'server'>,
  isEnough: (event: StudioEvent) => boolean,
  since = 0,
): Promise<StudioEvent[]> {
  const aborter = new AbortController();
  const timer = setTimeout(() => {
    aborter.abort(new Error('no such event came'));
  }, 20_000);
  try {
    const response = await fetch(`http://localhost:${server.port}/api/events?since=${since}&token=${server.token}`, {
      signal: aborter.signal,
    });
    if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
    const events: StudioEvent[] = [];
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      text += decoder.decode(chunk, { stream: true });
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const data = /^data: (.*)$/m.exec(text.slice(0, end))?.[1];
        text = text.slice(end + 2);
        if (data === undefined) continue;
        const event = JSON.parse(data) as StudioEvent;
        events.push(event);
        if (isEnough(event)) return events;
      }
    }
    throw new Error('the stream ended');
  } finally {
    clearTimeout(timer);
    aborter.abort();
  }
}
