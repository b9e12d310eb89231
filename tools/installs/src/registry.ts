import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One published version. */
interface Version {
  readonly name: string;
  readonly version: string;
  readonly [field: string]: unknown;
}

interface Published {
  readonly versions: Record<string, Version>;
  readonly tarballs: Map<string, Buffer>;
}

/** A package as `npm publish` sends it. */
interface Publication {
  readonly name: string;
  readonly versions: Record<string, Version>;
  readonly _attachments: Record<string, { readonly data: string }>;
}

/** A registry on this machine: packages that were published to it, and those of another one. */
export interface Registry {
  readonly url: string;
  publish(manifest: Version, tarball: Buffer): void;
  /** Names of the packages that were published. */
  readonly names: readonly string[];
  close(): Promise<void>;
}

/** Serves a registry on loopback. What it does not have, it fetches from `upstream`. */
export async function serveRegistry(upstream: string): Promise<Registry> {
  const published = new Map<string, Published>();
  const base = upstream.replace(/\/$/, '');
  let url = '';

  const publish = (manifest: Version, tarball: Buffer): void => {
    const { name, version } = manifest;
    const entry: Published = published.get(name) ?? { versions: {}, tarballs: new Map<string, Buffer>() };
    published.set(name, entry);
    const file = `${name.split('/').at(-1)!}-${version}.tgz`;
    entry.tarballs.set(file, tarball);
    const dist = {
      tarball: `${url}/${name}/-/${file}`,
      shasum: createHash('sha1').update(tarball).digest('hex'),
      integrity: `sha512-${createHash('sha512').update(tarball).digest('base64')}`,
    };
    entry.versions[version] = { ...manifest, dist };
  };

  const accept = async (request: IncomingMessage): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { versions, _attachments } = JSON.parse(Buffer.concat(chunks).toString()) as Publication;
    const [attachment] = Object.values(_attachments);
    for (const manifest of Object.values(versions)) publish(manifest, Buffer.from(attachment!.data, 'base64'));
  };

  const forward = async (path: string, request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { accept: accepted = '*/*' } = request.headers;
    const answer = await fetch(base + path, { headers: { accept: accepted } });
    const isJson = answer.headers.get('content-type')?.includes('json') ?? false;
    const body = Buffer.from(await answer.arrayBuffer());
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/plain' });
    // Tarballs too are fetched through this registry.
    response.end(isJson ? body.toString().replaceAll(`"${base}/`, `"${url}/`) : body);
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = request.url ?? '/';
    const [name, file] = decodeURIComponent(path.slice(1)).split('/-/');
    const entry = published.get(name!);
    if (request.method === 'PUT') {
      await accept(request);
      response.writeHead(201, { 'content-type': 'application/json' }).end('{"ok":true}');
    } else if (request.method !== 'GET') {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}'); // audits
    } else if (entry === undefined) {
      if (name!.startsWith('@motley/')) response.writeHead(404, { 'content-type': 'application/json' }).end('{}');
      else await forward(path, request, response);
    } else if (file === undefined) {
      const versions = Object.keys(entry.versions);
      const packument = { name, versions: entry.versions, 'dist-tags': { latest: versions.at(-1) } };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(packument));
    } else response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(entry.tarballs.get(file));
  };

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      response.writeHead(502).end(String(error));
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    publish,
    get names() {
      return [...published.keys()];
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
}
