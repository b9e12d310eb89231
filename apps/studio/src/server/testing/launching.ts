import { join } from 'node:path';
import type { LaunchRow } from '../../shared/api.ts';
import type { TestServer } from './test-server.ts';

/** Workspace of one small system. */
export const WORKSPACE = join(import.meta.dirname, 'workspace');

/** Asks until it is so: processes take the time that they take. */
export async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await ask();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A launch when it has ended. */
export function launchEnd(test: Pick<TestServer, 'get'>, id: string): Promise<LaunchRow> {
  return until(async () => {
    const row = (await test.get<readonly LaunchRow[]>('/api/launches')).find((each) => each.id === id);
    return row === undefined || row.status === 'running' || row.status === 'queued' ? undefined : row;
  });
}
