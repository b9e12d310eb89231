import { parseJson } from '@motley/run/folders';
import { Hono, type Context } from 'hono';
import { z } from 'zod';
import type { Done } from '../../shared/api.ts';
import { marksSchema } from '../run-folders/marks.ts';
import type { Studio } from '../studio.ts';
import { Refused } from './refusal.ts';
import { stateOf } from './run-routes.ts';

const settingsSchema = z.strictObject({ atOnce: z.int().min(1).max(16) });
const MAX_BODY_BYTES = 2 ** 17;
const done: Done = { isDone: true };

/** Routes that change something. The guard has checked origin and token. */
export function changeRoutes(studio: Studio): Hono {
  const app = new Hono();
  app.use(async ({ req }, next) => {
    if (req.method !== 'GET' && req.method !== 'HEAD') await studio.ready();
    await next();
  });

  app.patch('/runs/:id', async (context) => {
    const changes = await bodyOf(context, marksSchema);
    return context.json(await studio.mark(context.req.param('id'), changes));
  });
  app.post('/runs/:id/stop', async (context) => {
    await studio.stop(context.req.param('id'));
    return context.json(done);
  });
  app.delete('/runs/:id', async (context) => context.json(await studio.remove(context.req.param('id'))));

  app.post('/trash/:id/restore', async (context) => context.json(await studio.restore(context.req.param('id'))));
  app.delete('/trash/:id', async (context) => {
    await studio.trash.remove(context.req.param('id'));
    return context.json(done);
  });
  app.delete('/trash', async (context) => {
    await studio.trash.empty();
    return context.json(done);
  });

  app.post('/launches', async (context) => context.json(await studio.launch(await bodyOf(context, z.unknown()))));
  app.post('/launches/:id/stop', (context) => {
    studio.queue.stop(context.req.param('id'));
    return context.json(done);
  });
  app.delete('/launches/:id', (context) => {
    studio.queue.forget(context.req.param('id'));
    return context.json(done);
  });
  app.patch('/state', async (context) => {
    studio.queue.atOnce = (await bodyOf(context, settingsSchema)).atOnce;
    return context.json(stateOf(studio));
  });
  return app;
}

async function bodyOf<Schema extends z.ZodType>({ req }: Context, schema: Schema): Promise<z.output<Schema>> {
  if (!/^application\/json\s*(;|$)/i.test(req.header('content-type') ?? ''))
    throw new Refused(415, 'content-type: expected application/json');
  const json = parseJson(await textOf(req.raw), 'body', 'a record');
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw new Refused(400, `body: ${path.length === 0 ? '' : `${path.join('.')}: `}${message}`);
}

/** Text of a body, of which no more is read than it may have. */
async function textOf({ body, headers }: Request): Promise<string> {
  const refuse = (): never => {
    throw new Refused(413, `body: expected at most ${MAX_BODY_BYTES} bytes`);
  };
  if (Number(headers.get('content-length') ?? 0) > MAX_BODY_BYTES) refuse();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) refuse();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
