import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LaunchRow, RunDetail, RunList, RunRow, SystemInfo } from '../shared/api.ts';
import { launchEnd, until, WORKSPACE } from './testing/launching.ts';
import { startOf, writeRun } from './testing/run-fixtures.ts';
import { makeFolders, startTestServer, type Answer, type TestServer } from './testing/test-server.ts';

let folder: string;
let test: TestServer;
beforeAll(async () => {
  folder = await makeFolders();
  test = await startTestServer({ workspace: WORKSPACE }, folder);
});
afterAll(async () => {
  for (const { status, id } of test.server.studio.queue.rows) if (status === 'running') await launchStop(id);
  await test.close();
  await rm(folder, { recursive: true, force: true });
});

const launchStop = (id: string): Promise<Answer> => test.change('POST', `/api/launches/${id}/stop`, {});
const launch = (body: object): Promise<Answer> =>
  test.change('POST', '/api/launches', { system: 'line', settings: {}, ...body });
const runs = async (): Promise<readonly RunRow[]> => (await test.get<RunList>('/api/runs')).runs;
const ended = (id: string): Promise<LaunchRow> => launchEnd(test, id);

describe('launches', () => {
  it('describes the systems of the workspace from their own configurations', async () => {
    const [system, ...others] = await test.get<readonly SystemInfo[]>('/api/systems');
    expect(others).toEqual([]);
    expect(system).toMatchObject({
      name: 'line',
      presets: ['long'],
      commands: ['train', 'sweep', 'evaluate', 'figures'],
      hasDemo: false,
    });
    expect(system!.fields.find(({ path }) => path === 'training.epochs')).toMatchObject({
      type: 'integer',
      min: 1,
      default: 5,
      presets: { long: 100_000 },
    });
  });

  it('shows a command, runs it and no shell, and evaluates its run', async () => {
    const note = `"; touch ${join(folder, 'broken')}; $(touch ${join(folder, 'broken')}) '`;
    const request = { command: 'train', settings: { note, 'training.epochs': 3 } };
    const dry = JSON.parse((await launch({ ...request, isDry: true })).text) as { command: string };
    expect(dry.command).toMatch(/^pnpm --filter line train --set 'note=/);
    expect(await runs()).toEqual([]);
    const row = JSON.parse((await launch(request)).text) as LaunchRow;
    expect(await ended(row.id)).toMatchObject({ status: 'done', run: row.run });
    expect(existsSync(join(folder, 'broken'))).toBe(false);
    const run = await until(async () => (await runs()).find(({ status }) => status === 'completed'));
    expect(run).toMatchObject({
      id: row.run,
      system: 'line',
      preset: null,
      step: 15,
      device: expect.any(String) as string,
    });
    expect(run.differs).toEqual({ note, 'training.epochs': 3 });
    expect(run.baseline).toMatchObject({ name: 'zero' });
    const detail = await test.get<RunDetail>(`/api/runs/${run.id}`);
    expect(detail.command).toContain('pnpm --filter line train --set');
    const evaluation = JSON.parse((await launch({ command: 'evaluate', run: run.id })).text) as LaunchRow;
    expect((await ended(evaluation.id)).status).toBe('done');
    const again = await until(async () => {
      const { evaluations } = await test.get<RunDetail>(`/api/runs/${run.id}`);
      return evaluations.evaluate;
    });
    expect(again.test!.loss).toBeGreaterThan(0);
  });

  it('queues so many at a time; a stopped training saves, and goes on', async () => {
    const first = JSON.parse((await launch({ command: 'train', preset: 'long' })).text) as LaunchRow;
    const second = JSON.parse((await launch({ command: 'train', preset: 'long' })).text) as LaunchRow;
    expect([first.status, second.status]).toEqual(['running', 'queued']);
    await launchStop(second.id);
    expect((await ended(second.id)).status).toBe('stopped');
    const running = await until(async () => (await runs()).find((row) => row.id === first.run && (row.step ?? 0) > 10));
    expect(running).toMatchObject({ status: 'running', preset: 'long', differs: {} });
    expect((await test.change('DELETE', `/api/runs/${running.id}`)).status).toBe(409);
    const process = await test.get<{ processId: number | null }>(`/api/runs/${running.id}/process`);
    expect(process.processId).toBeGreaterThan(0);
    // Twice: a second signal would end it without saving.
    for (let time = 0; time < 2; time++)
      expect((await test.change('POST', `/api/runs/${running.id}/stop`, {})).status).toBe(200);
    expect((await ended(first.id)).status).toBe('stopped');
    const stopped = await until(async () =>
      (await runs()).find((row) => row.id === first.run && row.status === 'stopped'),
    );
    const { checkpoints } = await test.get<RunDetail>(`/api/runs/${stopped.id}`);
    expect(checkpoints.at(-1)!.isLast).toBe(true);
    const resumed = JSON.parse(
      (await launch({ command: 'train', run: stopped.id, isResumed: true })).text,
    ) as LaunchRow;
    expect(resumed.run).toBe(stopped.id);
    await until(async () =>
      (await runs()).find((row) => row.id === first.run && row.status === 'running' && row.step! > stopped.step!),
    );
    // Killed: a lock of a dead process is no run in progress.
    const { processId } = await test.get<{ processId: number }>(`/api/runs/${stopped.id}/process`);
    globalThis.process.kill(processId, 'SIGKILL');
    expect((await ended(resumed.id)).status).toBe('failed');
    await until(async () => (await runs()).find((row) => row.id === first.run && row.status === 'killed'));
    expect((await test.change('DELETE', `/api/launches/${resumed.id}`)).status).toBe(200);
  });

  it('refuses what the system’s configuration does not take, and other programs', async () => {
    await writeRun(join(folder, 'runs/other/a'), { config: {}, start: startOf('other', null) });
    await test.server.studio.index.scan();
    const other = (await runs()).find(({ system }) => system === 'other')!.id;
    const before = (await test.get<readonly LaunchRow[]>('/api/launches')).length;
    const refused: readonly (readonly [object, string])[] = [
      [{ system: '../../etc', command: 'train' }, 'system: expected one of line'],
      [{ system: 'core', command: 'train' }, 'system: expected one of line'],
      [{ command: 'rm' }, 'command'],
      [{ command: 'describe' }, 'command'],
      [{ command: 'study' }, 'command: expected one of train, sweep, evaluate, figures'],
      [{ command: 'train', preset: '--out=/tmp' }, 'preset: expected one of long'],
      [{ command: 'train', settings: { '--out': '/tmp' } }, '--out: expected a field of line'],
      [{ command: 'train', settings: { 'training.epochs': 0 } }, 'expected an integer of at least 1'],
      [{ command: 'train', settings: { 'training.epochs': '3; ls' } }, 'expected an integer of at least 1'],
      [{ command: 'train', settings: { 'training.learningRate': 0 } }, 'expected a number above 0'],
      [{ command: 'train', settings: { note: 'a\u0000b' }, preset: 'a\u0000b' }, 'expected one line'],
      [{ command: 'train', run: other }, 'run: expected one of line, got one of other'],
      [{ command: 'train', run: '../../etc', isResumed: true }, 'run: expected the id of a run'],
      [{ command: 'evaluate' }, 'run: expected the run to evaluate'],
      [{ command: 'sweep' }, 'search: expected fields'],
      [{ command: 'sweep', search: { grid: { '--out=/tmp': '1' } } }, 'expected a field of line'],
      [{ command: 'train', extra: 1 }, 'Unrecognized key'],
      [{ command: 'train', checkpoint: '../1', run: other, isResumed: true }, 'checkpoint'],
    ];
    for (const [body, message] of refused) {
      const { status, text } = await launch(body);
      expect([body, status >= 400 && status < 500, text]).toEqual([body, true, expect.stringContaining(message)]);
      expect((JSON.parse(text) as { error: string }).error).not.toContain('\n');
    }
    expect((await test.get<readonly LaunchRow[]>('/api/launches')).length).toBe(before);
  });
});
