import { createServer, type Server } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { createApp } from './http/app.ts';
import { accessFor, inAddress } from './http/guard.ts';
import { pageFinder } from './page.ts';
import { Studio, type StudioOptions } from './studio.ts';

export interface ServerOptions extends StudioOptions {
  /** 0: a free one. */
  readonly port: number;
  /** Default: loopback alone. */
  readonly host?: string;
  /** Ports to try after the first one, where it is taken. Default 0. */
  readonly morePorts?: number;
  /** Folder of the page. Default: that of this package. */
  readonly page?: () => Promise<string>;
  readonly tell?: (line: string) => void;
}

/** A server that runs. */
export interface StudioServer {
  /** Address of the page, with its token where one is needed. */
  readonly address: string;
  readonly port: number;
  readonly token: string;
  readonly studio: Studio;
  close(): Promise<void>;
}

const LOOPBACK_HOST = '127.0.0.1';

/**
 * Starts the studio. It answers at once, and looks at the folders meanwhile.
 * @throws errors of the network, such as a port that is taken
 */
export async function startServer(options: ServerOptions): Promise<StudioServer> {
  const { host = LOOPBACK_HOST, tell = () => undefined } = options;
  const studio = new Studio(options);
  const access = accessFor(host, studio.isReadOnly);
  const page = options.page ?? pageFinder(studio.cache, tell);
  const app = createApp(studio, access, page);
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  const server = createServer((request, response) => void listener(request, response));
  const port = await listen(server, host, options.port, options.morePorts ?? 0);
  void studio.ready().catch((error: unknown) => {
    tell(`the folders cannot be read: ${(error as Error).message}`);
  });
  const shownHost = access.isRemote ? inAddress(host === '0.0.0.0' || host === '::' ? 'localhost' : host) : 'localhost';
  return {
    address: `http://${shownHost}:${port}/${access.isRemote ? `?token=${access.token}` : ''}`,
    port,
    token: access.token,
    studio,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      await studio.close();
    },
  };
}

async function listen(server: Server, host: string, first: number, more: number): Promise<number> {
  for (let port = first; ; port++) {
    try {
      return await new Promise<number>((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, () => {
          server.off('error', reject);
          resolve((server.address() as { port: number }).port);
        });
      });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || port >= first + more) throw error;
    }
  }
}
