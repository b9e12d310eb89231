import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeRun } from './testing/run-fixtures.ts';
import { startTestServer, type TestServer } from './testing/test-server.ts';

let test: TestServer;
let id: string;
beforeEach(async () => {
  test = await startTestServer();
  await writeRun(join(test.runs, 'a'), { config: {} });
  await test.server.studio.index.scan();
  id = test.server.studio.index.rows[0]!.id;
});
afterEach(() => test.close());

const READING = [
  '/',
  '/assets/a.js',
  '/api/state',
  '/api/runs',
  '/api/systems',
  '/api/launches',
  '/api/trash',
  '/api/machine',
];
const changing = (run: string): readonly (readonly [string, string, object | undefined])[] => [
  ['PATCH', `/api/runs/${run}`, { note: 'x' }],
  ['POST', `/api/runs/${run}/stop`, {}],
  ['DELETE', `/api/runs/${run}`, undefined],
  ['POST', '/api/trash/0123456789abcdef/restore', {}],
  ['DELETE', '/api/trash/0123456789abcdef', undefined],
  ['DELETE', '/api/trash', undefined],
  ['POST', '/api/launches', { system: 'x', command: 'train', settings: {} }],
  ['POST', '/api/launches/1/stop', {}],
  ['DELETE', '/api/launches/1', undefined],
  ['PATCH', '/api/state', { atOnce: 2 }],
];
const json = { 'content-type': 'application/json' };

describe('the studio', () => {
  it('answers no request under another host name, whatever its port', async () => {
    const { port } = test.server;
    const hosts = [
      'evil.example',
      `evil.example:${port}`,
      'localhost.evil.example',
      '127.0.0.1.evil.example',
      'localhost:1@evil',
      '',
      '[::2]',
      '169.254.169.254',
      'localhost.',
      'a'.repeat(300),
    ];
    for (const host of hosts)
      for (const path of [...READING, `/api/runs/${id}`, `/api/events?token=${test.server.token}`]) {
        const { status, text } = await test.raw('GET', path, { host });
        expect([host, path, [400, 403].includes(status)]).toEqual([host, path, true]);
        expect(text).not.toContain(id);
        expect(text).not.toContain(test.server.token);
      }
    for (const host of [`localhost:${port}`, 'localhost', '127.0.0.1:1', `[::1]:${port}`, 'LOCALHOST'])
      expect([host, (await test.raw('GET', '/api/state', { host })).status]).toEqual([host, 200]);
  });

  it('changes nothing without the token of this start', async () => {
    const origin = `http://localhost:${test.server.port}`;
    const wrong = [
      {},
      { 'x-studio-token': '' },
      { 'x-studio-token': 'x'.repeat(32) },
      { 'x-studio-token': test.server.token.slice(1) },
    ];
    for (const [method, path, body] of changing(id))
      for (const headers of wrong) {
        const { status } = await test.raw(method, path, { ...json, ...headers, origin }, body && JSON.stringify(body));
        expect([method, path, status]).toEqual([method, path, 403]);
      }
    expect((await test.raw('GET', '/api/events')).status).toBe(403);
    expect((await test.raw('GET', '/api/events?token=wrong')).status).toBe(403);
    expect(existsSync(join(test.runs, 'a/studio.json'))).toBe(false);
  });

  it('changes nothing for the page of another site, even with the token', async () => {
    const token = { 'x-studio-token': test.server.token };
    const { port } = test.server;
    const foreign = [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: `http://localhost:${port + 1}` },
      { origin: `http://127.0.0.1:${port}` },
      { origin: `https://localhost:${port}` },
      {},
      { origin: `http://localhost:${port}`, 'sec-fetch-site': 'cross-site' },
      { origin: `http://localhost:${port}`, 'sec-fetch-site': 'same-site' },
    ];
    for (const [method, path, body] of changing(id))
      for (const headers of foreign) {
        const { status } = await test.raw(
          method,
          path,
          { ...json, ...token, ...headers },
          body && JSON.stringify(body),
        );
        expect([method, path, headers, status]).toEqual([method, path, headers, 403]);
      }
    const stream = `/api/events?token=${test.server.token}`;
    expect((await test.raw('GET', stream, { origin: 'https://evil.example' })).status).toBe(403);
    expect((await test.raw('GET', stream, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    for (const path of READING.slice(1))
      expect((await test.raw('GET', path, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    // A link on another site may open the page.
    expect((await test.raw('GET', '/', { 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'document' })).status).toBe(
      200,
    );
  });

  it('takes JSON alone, and no more of it than it may have', async () => {
    const { port, token } = test.server;
    const own = { origin: `http://localhost:${port}`, 'x-studio-token': token };
    const path = `/api/runs/${id}`;
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=a',
      'application/jsonp',
    ])
      expect((await test.raw('PATCH', path, { ...own, 'content-type': type }, '{"note":"x"}')).status).toBe(415);
    expect((await test.raw('PATCH', path, own, '{"note":"x"}')).status).toBe(415);
    const large = JSON.stringify({ note: 'x'.repeat(2 ** 18) });
    expect((await test.raw('PATCH', path, { ...own, ...json }, large)).status).toBe(413);
    expect((await test.raw('PATCH', path, { ...own, ...json, 'transfer-encoding': 'chunked' }, large)).status).toBe(
      413,
    );
    for (const body of [
      '',
      '{',
      '"text"',
      '['.repeat(60_000),
      `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`,
      '{"__proto__":{"note":"x"}}',
    ])
      expect([body.slice(0, 9), (await test.raw('PATCH', path, { ...own, ...json }, body)).status]).toEqual([
        body.slice(0, 9),
        400,
      ]);
    expect(({} as { note?: string }).note).toBeUndefined();
    expect((await test.change('PATCH', path, { note: 'x'.repeat(30_000) })).status).toBe(400);
  });

  it('has a policy without inline scripts on every answer, and lets no other site show it', async () => {
    for (const path of [...READING, '/nothing', '/api/nothing', `/api/runs/${id}`]) {
      const { headers } = await test.raw('GET', path);
      const policy = String(headers['content-security-policy']);
      expect(policy).toContain("default-src 'none'");
      expect(/script-src ([^;]*)/.exec(policy)![1]).toBe("'self' 'wasm-unsafe-eval'");
      expect(policy).not.toContain('unsafe-inline');
      expect(policy).toContain("frame-ancestors 'self'");
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'cross-origin-resource-policy': 'same-origin',
        'referrer-policy': 'no-referrer',
      });
      expect(headers['access-control-allow-origin']).toBeUndefined();
    }
    expect((await test.raw('GET', '/')).text).toContain(`<meta name="studio-token" content="${test.server.token}">`);
  });

  it('changes nothing with --read-only', async () => {
    await test.close();
    test = await startTestServer({ isReadOnly: true });
    const path = await writeRun(join(test.runs, 'a'), { config: {} });
    await test.server.studio.index.scan();
    for (const [method, address, body] of changing(test.server.studio.index.rows[0]!.id)) {
      const { status, text } = await test.change(method, address, body);
      expect([method, address, status, text]).toEqual([method, address, 403, expect.stringContaining('--read-only')]);
    }
    expect(existsSync(join(path, 'studio.json'))).toBe(false);
    expect((await test.raw('GET', '/api/runs')).status).toBe(200);
  });

  it('needs the token for everything where other machines reach it', async () => {
    await test.close();
    test = await startTestServer({ host: '0.0.0.0' });
    const { token } = test.server;
    for (const path of READING) expect([path, (await test.raw('GET', path)).status]).toEqual([path, 403]);
    expect((await test.raw('GET', '/', { cookie: 'motley-studio=wrong' })).status).toBe(403);
    const first = await test.raw('GET', `/?token=${token}`);
    expect(first.status).toBe(200);
    expect(String(first.headers['set-cookie'])).toMatch(/^motley-studio=[\w-]+; Path=\/; HttpOnly; SameSite=Strict$/);
    const cookie = `motley-studio=${token}`;
    for (const path of READING) expect([path, (await test.raw('GET', path, { cookie })).status]).toEqual([path, 200]);
    // A cookie alone, which a browser sends by itself, changes nothing.
    const own = { cookie, origin: `http://localhost:${test.server.port}`, ...json };
    expect((await test.raw('PATCH', '/api/state', own, '{"atOnce":2}')).status).toBe(403);
    expect((await test.change('PATCH', '/api/state', { atOnce: 2 })).status).toBe(200);
    expect((await test.raw('GET', '/api/state', { host: 'evil.example', cookie })).status).toBe(403);
  });

  it('survives requests that are no HTTP, and addresses that are no addresses', async () => {
    const { port } = test.server;
    for (const bytes of [
      '\u0000\u0001',
      'GET\r\n\r\n',
      `GET / HTTP/1.1\r\n\r\n`,
      `GET http://evil/ HTTP/1.1\r\nHost: localhost\r\n\r\n`,
      `GET ${'/a'.repeat(20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
    ])
      await new Promise<void>((resolve) => {
        const socket = connect(port, '127.0.0.1', () => socket.end(bytes));
        socket.on('error', () => undefined);
        socket.on('close', () => {
          resolve();
        });
        socket.resume();
      });
    for (const path of [
      '/%',
      '/%c0%ae',
      '/api/runs/%',
      '/api/runs/..',
      `/api/runs/${'x'.repeat(5000)}`,
      '/api/runs/__proto__',
      '/api/runs/constructor/curves?name=__proto__',
    ])
      expect((await test.raw('GET', path)).status).toBeGreaterThanOrEqual(400);
    expect((await test.raw('GET', '/api/state')).status).toBe(200);
  });
});

describe('the command line', () => {
  const cli = join(import.meta.dirname, 'cli.ts');
  const args = ['--conditions=@motley/source', '--import', 'tsx', cli];

  it.each([
    [['--port', 'many'], '--port: expected a number from 0 to 65535, got "many"'],
    [['--port', '70000'], '--port: expected a number from 0 to 65535, got "70000"'],
    [['--runs', '/no/such/folder'], '--runs: expected a folder, found nothing at "/no/such/folder"'],
    [['--logdir', cli], '--logdir: expected a folder, found a file at'],
    [['--host', 'a b'], '--host: expected a name or an address, got "a b"'],
    [['--hots', 'x'], "unknown option '--hots'"],
    [['extra'], 'too many arguments'],
  ])('refuses %j in one line', (given, message) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [...args, ...given], { encoding: 'utf8' });
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(stderr.trimEnd()).not.toContain('\n');
  });

  it('prints its address, opens nothing where there is no terminal, and ends at a signal', async () => {
    const child = spawn(process.execPath, [...args, '--port', '0', '--runs', test.runs], {
      env: { ...process.env, XDG_CACHE_HOME: join(test.folder, 'home') },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const address = await new Promise<string>((resolve) => {
      child.stdout.once('data', (data: Buffer) => {
        resolve(/^studio: (http:\/\/localhost:\d+\/)\n$/.exec(data.toString())![1]!);
      });
    });
    expect(((await (await fetch(`${address}api/runs`)).json()) as { runs: unknown[] }).runs).toHaveLength(1);
    child.kill('SIGINT');
    expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(0);
    expect(await readFile(join(test.runs, 'a/config.json'), 'utf8')).toBe('{}');
  });
});
