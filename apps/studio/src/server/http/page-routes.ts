import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { Hono } from 'hono';
import { realPathInside } from '../files/inside.ts';
import { Refused } from './refusal.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
  '.webmanifest': 'application/manifest+json',
  '.bin': 'application/octet-stream',
  '.txt': 'text/plain; charset=utf-8',
};

/**
 * The built page.
 * @param page folder of the page, once it is built
 * @param token secret of this start, which the page finds in a meta tag
 */
export function pageRoutes(page: () => Promise<string>, token: string): Hono {
  const app = new Hono();
  app.get('/*', async (context) => {
    const { path } = context.req;
    const folder = await page();
    if (path === '/' || path === '/index.html') {
      const html = await readFile(join(folder, 'index.html'), 'utf8');
      return context.html(
        html.replace(/<head[^>]*>/i, (head) => `${head}<meta name="studio-token" content="${token}">`),
      );
    }
    let decoded: string;
    try {
      decoded = decodeURIComponent(path);
    } catch {
      throw new Refused(400, 'address: expected one that can be decoded');
    }
    const type = TYPES[extname(decoded).toLowerCase()];
    const file = decoded.includes('\0') ? undefined : await realPathInside(folder, `.${decoded}`);
    if (type === undefined || file === undefined) throw new Refused(404, 'there is nothing at this address');
    const isNamedByContent = decoded.startsWith('/assets/');
    return context.body(new Uint8Array(await readFile(file)), 200, {
      'content-type': type,
      'cache-control': isNamedByContent ? 'private, max-age=31536000, immutable' : 'private, no-cache',
    });
  });
  return app;
}
