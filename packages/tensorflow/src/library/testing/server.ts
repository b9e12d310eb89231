import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Runs an HTTP server on a free port of the loopback while `work` runs. */
export async function withServer<Result>(
  listener: RequestListener,
  work: (address: string) => Promise<Result>,
): Promise<Result> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

/** An address on the loopback at which no server listens. */
export function closedAddress(): Promise<string> {
  return withServer(
    () => undefined,
    (address) => Promise.resolve(address),
  );
}

/** A package index (PEP 503) with the given wheels; `send` sends their content. */
export function packageIndex(
  wheels: readonly { name: string; content: Buffer }[],
  send: (content: Buffer, response: Parameters<RequestListener>[1]) => void = (content, response) =>
    response.end(content),
): RequestListener {
  return (request, response) => {
    const path = decodeURIComponent(request.url ?? '');
    const wheel = wheels.find(({ name }) => path === `/files/${name}`);
    if (wheel) {
      response.setHeader('content-length', wheel.content.length);
      send(wheel.content, response);
      return;
    }
    const project = /^\/simple\/([^/]+)\/$/.exec(path)?.[1]?.replaceAll('-', '_');
    const links = wheels
      .filter(({ name }) => name.startsWith(`${project ?? ''}-`))
      .map(({ name }) => `<a href="/files/${encodeURIComponent(name)}">${name}</a>`);
    response.statusCode = links.length > 0 ? 200 : 404;
    response.setHeader('content-type', 'text/html');
    response.end(`<!DOCTYPE html><html><body>${links.join('\n')}</body></html>`);
  };
}
