import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { LaunchRow, RunList, RunRow } from '../shared/api.ts';
import { launchEnd, until, WORKSPACE } from './testing/launching.ts';
import { makeFolders, startTestServer, type TestServer } from './testing/test-server.ts';

const runsOf = async (test: TestServer): Promise<readonly RunRow[]> => (await test.get<RunList>('/api/runs')).runs;

describe('many trainings', () => {
  it('are a sweep over fields', async () => {
    const test = await startTestServer({ workspace: WORKSPACE });
    const search = { grid: { 'training.learningRate': '0.1,0.2' }, parallel: 2 };
    const request = { system: 'line', command: 'sweep', settings: { 'training.epochs': 1 }, search };
    const row = JSON.parse((await test.change('POST', '/api/launches', request)).text) as LaunchRow;
    expect(row.command).toContain(
      ' sweep --set training.epochs=1 --grid training.learningRate=0.1,0.2 --parallel 2 --out ',
    );
    expect(await launchEnd(test, row.id)).toMatchObject({ status: 'done', run: null });
    const swept = await until(async () => {
      const found = (await runsOf(test)).filter(({ sweep, status }) => sweep !== null && status === 'completed');
      return found.length === 2 ? found : undefined;
    });
    expect(swept.map(({ differs }) => differs['training.learningRate'])).toEqual([undefined, 0.2]);
    const config = JSON.parse(await readFile(join(test.runs, swept[1]!.path, 'config.json'), 'utf8')) as object;
    expect(config).toMatchObject({ training: { learningRate: 0.2 } });
    await test.close();
  });

  it('go on where the studio is killed, and the next one finds and stops them', async () => {
    const folder = await makeFolders();
    const script = `
      const { startServer } = await import(${JSON.stringify(join(import.meta.dirname, 'server.ts'))});
      const server = await startServer(${JSON.stringify({ port: 0, runs: [join(folder, 'runs')], cache: join(folder, 'cache'), workspace: WORKSPACE, describesSystems: false })});
      await server.studio.launch({ system: 'line', command: 'train', preset: 'long', settings: {} });
      console.log('launched');
    `;
    const args = ['--conditions=@motley/source', '--import', 'tsx', '--input-type=module', '-e', script];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], cwd: import.meta.dirname });
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const test = await startTestServer({ workspace: WORKSPACE }, folder);
    const { id, step } = await until(async () =>
      (await runsOf(test)).find((row) => row.status === 'running' && row.step !== null),
    );
    await until(async () => (await runsOf(test)).find((row) => (row.step ?? 0) > step! + 5));
    expect((await test.change('POST', `/api/runs/${id}/stop`, {})).status).toBe(200);
    await until(async () => (await runsOf(test)).find(({ status }) => status === 'stopped'));
    await test.close();
    await rm(folder, { recursive: true });
  });
});
