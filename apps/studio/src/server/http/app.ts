import { UserError } from '@motley/run/folders';
import { Hono } from 'hono';
import { Studio } from '../studio.ts';
import { changeRoutes } from './change-routes.ts';
import { eventRoutes } from './event-routes.ts';
import { guard, safeHeaders, type Access } from './guard.ts';
import { pageRoutes } from './page-routes.ts';
import { Refused } from './refusal.ts';
import { runRoutes } from './run-routes.ts';

/** The studio's HTTP interface. */
export function createApp(studio: Studio, access: Access, page: () => Promise<string>): Hono {
  const app = new Hono();
  app.use(safeHeaders());
  app.use(guard(access));
  app.onError((error, context) => {
    if (error instanceof Refused) return context.json({ error: error.message }, error.status);
    if (error instanceof UserError) return context.json({ error: error.message }, 400);
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return context.json({ error: 'the file is gone' }, 404);
    process.stderr.write(`studio: ${context.req.method} ${context.req.path}: ${error.message.split('\n')[0]!}\n`);
    return context.json({ error: `the studio failed: ${error.message.split('\n')[0]!.slice(0, 300)}` }, 500);
  });
  app.notFound((context) => context.json({ error: 'there is nothing at this address' }, 404));
  app.route('/api', runRoutes(studio));
  app.route('/api', changeRoutes(studio));
  app.route('/api', eventRoutes(studio));
  app.route('/', pageRoutes(page, access.token));
  return app;
}
