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
      const waiting: (StudioEvent | 'beat')[] = [];
      const state = { isOpen: true, wake: (): void => undefined };
      const push = (event: StudioEvent | 'beat'): void => {
        if (waiting.length < MAX_WAITING) waiting.push(event);
        else state.isOpen = false;
        state.wake();
      };
      const end = studio.hub.listen(push);
      stream.onAbort(() => {
        state.isOpen = false;
        state.wake();
      });
      const missed = studio.hub.since(Number.isFinite(since) ? since : 0, studio.index.rows);
      if (missed !== undefined) waiting.unshift(missed);
      const beat = setInterval(push, BEAT_EVERY_MS, 'beat');
      try {
        await stream.write(': the studio\n\n');
        while (state.isOpen) {
          const event = waiting.shift();
          if (event === undefined) {
            await new Promise<void>((resolve) => {
              state.wake = resolve;
            });
          } else if (event === 'beat') {
            await stream.write(': still here\n\n');
          } else {
            const id = event.kind === 'runs' ? { id: String(event.version) } : {};
            await stream.writeSSE({ ...id, data: JSON.stringify(event) });
          }
        }
      } finally {
        clearInterval(beat);
        end();
      }
    });
  });
  return app;
}
