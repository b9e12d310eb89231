import { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { StudioEvent } from '../../shared/api.ts';
import type { Studio } from '../studio.ts';
import { Refused } from './refusal.ts';

const MAX_STREAMS = 64;
const BEAT_EVERY_MS = 15_000;
/** Events that a page which does not read may leave unread. It is then cut off, and comes back for what it missed. */
const MAX_WAITING = 2000;

/** The stream of what happens. */
export function eventRoutes(studio: Studio): Hono {
  const app = new Hono();
  app.get('/events', async (context) => {
    if (studio.hub.listeners >= MAX_STREAMS) throw new Refused(429, `events: expected at most ${MAX_STREAMS} streams`);
    const since = Number(context.req.header('last-event-id') ?? context.req.query('since') ?? '0');
    await studio.ready();
    context.header('x-accel-buffering', 'no');
    return streamSSE(context, async (stream) => {
      const waiting: StudioEvent[] = [];
      let wake: () => void = () => undefined;
      let isOpen = true;
      const end = studio.hub.listen((event) => {
        if (waiting.length < MAX_WAITING) waiting.push(event);
        else isOpen = false;
        wake();
      });
      stream.onAbort(() => {
        isOpen = false;
        wake();
      });
      const missed = studio.hub.since(Number.isFinite(since) ? since : 0, studio.index.rows);
      if (missed !== undefined) waiting.unshift(missed);
      const beat = setInterval(() => {
        wake();
      }, BEAT_EVERY_MS);
      try {
        await stream.write(': the studio\n\n');
        while (isOpen) {
          if (waiting.length === 0) {
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
            if (waiting.length === 0 && stream.aborted === false) await stream.write(': still here\n\n');
            continue;
          }
          const event = waiting.shift()!;
          const id = event.kind === 'runs' ? { id: String(event.version) } : {};
          await stream.writeSSE({ ...id, data: JSON.stringify(event) });
        }
      } finally {
        clearInterval(beat);
        end();
      }
    });
  });
  return app;
}
