import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PYTHON_TIMEOUT_IN_MS, hasPython, pythonTool } from '@motley/python-tools';
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, it } from 'vitest';
import { exampleSummary } from '../testing/example-summary.ts';
import { freePort, startServer, type ToolServer } from '../testing/tool-server.ts';
import { createMlflowLogger } from './mlflow-logger.ts';

let folder: string;
let warnings: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motley-mlflow-'));
  warnings = [];
});
afterEach(() => rm(folder, { recursive: true }));

const contextOf = (parts: { resumed?: boolean; config?: object } = {}) => ({
  folder,
  system: 'vae',
  runName: '2026-01-02_03-04-05',
  config: { model: { sizes: [512, 256] }, training: { learningRate: 1e-3, steps: null } },
  resumed: false,
  warn: (line: string) => warnings.push(line),
  ...parts,
});
const metrics = (step: number, loss: number) => ({
  step,
  epoch: 1,
  split: 'train' as const,
  timeInSeconds: step,
  metrics: { loss },
});

describe.skipIf(!hasPython)('a real MLflow server, which needs python3,', () => {
  let home: string;
  let server: ToolServer;
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'motley-mlflow-server-'));
    const port = await freePort();
    const stores = [
      '--backend-store-uri',
      `sqlite:///${home}/mlflow.db`,
      '--artifacts-destination',
      join(home, 'files'),
    ];
    const argv = ['server', '--host', '127.0.0.1', '--port', String(port), '--workers', '1', ...stores];
    server = await startServer(pythonTool('mlflow'), argv, {
      port,
      healthPath: '/health',
      environment: { MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false', MLFLOW_DISABLE_TELEMETRY: 'true' },
    });
  }, PYTHON_TIMEOUT_IN_MS);
  afterAll(async () => {
    await server.stop();
    await rm(home, { recursive: true });
  });

  const logger = (parts: Parameters<typeof contextOf>[0] = {}) =>
    createMlflowLogger(contextOf(parts), { MLFLOW_TRACKING_URI: server.url });
  const ask = async <T>(path: string): Promise<T> => (await (await fetch(`${server.url}/${path}`)).json()) as T;
  const runId = async (): Promise<string> =>
    (JSON.parse(await readFile(join(folder, 'mlflow.json'), 'utf8')) as { runId: string }).runId;
  const history = async (key: string): Promise<unknown[]> => {
    const query = `run_id=${await runId()}&metric_key=${encodeURIComponent(key)}`;
    const { metrics: points } = await ask<{ metrics: { step: number; value: unknown }[] }>(
      `api/2.0/mlflow/metrics/get-history?${query}`,
    );
    return points.map(({ step, value }) => [step, value]);
  };
  interface Run {
    readonly run: {
      info: { run_name: string; status: string; experiment_id: string };
      data: { params: { key: string; value: string }[]; tags: { key: string; value: string }[] };
    };
  }
  const getRun = async (): Promise<Run['run']> =>
    (await ask<Run>(`api/2.0/mlflow/runs/get?run_id=${await runId()}`)).run;

  it('has the parameters, every value, the files and the final status', async () => {
    await mkdir(join(folder, 'figures'));
    await writeFile(join(folder, 'figures', 'größe & 1.png'), 'picture');
    await writeFile(join(folder, 'report.html'), '<!doctype html>');
    const log = await logger();
    for (let step = 0; step < 2500; step++) await log.onMetrics!(metrics(step, step / 4));
    await log.onMetrics!(metrics(2500, NaN));
    await log.finish(
      exampleSummary({ steps: 2500, metrics: { test: { loss: 3.5 } }, baselines: { mean: { loss: 9 } } }),
    );
    expect(warnings).toEqual([]);

    const { info, data } = await getRun();
    expect(info).toMatchObject({ run_name: '2026-01-02_03-04-05', status: 'FINISHED' });
    expect(Object.fromEntries(data.params.map(({ key, value }) => [key, value]))).toEqual({
      'model.sizes': '[512,256]',
      'training.learningRate': '0.001',
      'training.steps': 'null',
    });
    const points = await history('loss/train');
    expect(points).toHaveLength(2501);
    expect([points[0], points[2499], points[2500]]).toEqual([
      [0, 0],
      [2499, 624.75],
      [2500, 'NaN'],
    ]);
    expect([await history('loss/test'), await history('loss/baseline-mean')]).toEqual([[[2500, 3.5]], [[2500, 9]]]);
    const { experiment } = await ask<{ experiment: { name: string } }>(
      `api/2.0/mlflow/experiments/get?experiment_id=${info.experiment_id}`,
    );
    expect(experiment.name).toBe('vae');
    const artifact = async (path: string): Promise<string> =>
      (await fetch(`${server.url}/get-artifact?run_id=${await runId()}&path=${encodeURIComponent(path)}`)).text();
    expect([await artifact('report.html'), await artifact('figures/größe & 1.png')]).toEqual([
      '<!doctype html>',
      'picture',
    ]);
  });

  it('continues the same run on resume; parameters keep their first values', async () => {
    const first = await logger();
    await first.onMetrics!(metrics(1, 10));
    await first.finish(exampleSummary({ status: 'stopped' }));
    const id = await runId();
    expect((await getRun()).info.status).toBe('KILLED');

    const second = await logger({
      resumed: true,
      config: { training: { learningRate: 2e-3, steps: 'null', clip: 1 } },
    });
    expect((await getRun()).info.status).toBe('RUNNING');
    await second.onMetrics!(metrics(2, 5));
    await second.finish(exampleSummary({ status: 'failed', steps: null }));
    expect(await runId()).toBe(id);
    expect(await history('loss/train')).toEqual([
      [1, 10],
      [2, 5],
    ]);
    const { info, data } = await getRun();
    expect(info.status).toBe('FAILED');
    expect(data.params.filter(({ key }) => key.startsWith('training.')).map(({ key, value }) => [key, value])).toEqual(
      expect.arrayContaining([
        ['training.clip', '1'],
        ['training.learningRate', '0.001'],
      ]),
    );
    expect(warnings).toEqual([
      'MLflow: keeps the first value of what has changed since the run began: training.learningRate',
    ]);
  });

  it('starts a new run, and reports it, where the server has no such run', async () => {
    await writeFile(join(folder, 'mlflow.json'), JSON.stringify({ runId: '0'.repeat(32) }));
    await (await logger({ resumed: true })).finish(exampleSummary());
    expect(warnings).toEqual([
      `MLflow: ${server.url} has no run ${'0'.repeat(32)}, which this folder began; going on in a new one`,
    ]);
    expect((await getRun()).info.status).toBe('FINISHED');
  });

  it('refuses a deleted experiment in one line', async () => {
    const post = (method: string, body: object) =>
      fetch(`${server.url}/api/2.0/mlflow/${method}`, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      });
    const { experiment_id } = (await (await post('experiments/create', { name: 'old' })).json()) as {
      experiment_id: string;
    };
    await post('experiments/delete', { experiment_id });
    const environment = { MLFLOW_TRACKING_URI: server.url, MLFLOW_EXPERIMENT_NAME: 'old' };
    await expect(createMlflowLogger(contextOf(), environment)).rejects.toThrow(
      `--log mlflow: the experiment "old" at ${server.url} is deleted; restore it, or name another in MLFLOW_EXPERIMENT_NAME`,
    );
  });
});

describe('a missing server', () => {
  it('is refused at the start, in one line', async () => {
    const address = `http://127.0.0.1:${await freePort()}`;
    await expect(createMlflowLogger(contextOf(), { MLFLOW_TRACKING_URI: address })).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(
        new RegExp(`^--log mlflow: expected an MLflow server at ${address}, found: .*ECONNREFUSED`),
      ) as string,
    });
    await expect(createMlflowLogger(contextOf(), { MLFLOW_TRACKING_URI: 'sqlite:///a.db' })).rejects.toThrow(
      '--log mlflow: MLFLOW_TRACKING_URI expected a server\'s address, http://HOST:PORT, got "sqlite:///a.db"',
    );
  });

  it('is refused when it is not MLflow', async () => {
    const other = await answering(() => [200, '<html>a web page</html>']);
    await expect(createMlflowLogger(contextOf(), { MLFLOW_TRACKING_URI: other.url })).rejects.toThrow(
      `--log mlflow: expected an MLflow server at ${other.url}, found: an answer of another kind, "<html>a web page</html>"`,
    );
    await other.close();
  });

  it('warns once when it goes away, and gets the queued values when it is back', async () => {
    let isDown = false;
    const sent: number[] = [];
    const asked: string[] = [];
    const server = await answering((path, body, headers) => {
      asked.push(`${path} ${headers.authorization ?? 'nobody'}`);
      if (path.includes('get-by-name')) return [404, '{"error_code": "RESOURCE_DOES_NOT_EXIST"}'];
      if (path.endsWith('experiments/create')) return [200, '{"experiment_id": "1"}'];
      if (path.endsWith('runs/create')) return [200, '{"run": {"info": {"run_id": "a", "artifact_uri": "file:///x"}}}'];
      if (isDown) return [503, 'busy'];
      const { metrics: values = [] } = JSON.parse(body) as { metrics?: { step: number }[] };
      for (const { step } of values) sent.push(step);
      return [200, '{}'];
    });
    const log = await createMlflowLogger(contextOf(), {
      MLFLOW_TRACKING_URI: server.url.replace('http://', 'http://reader:p%40ss@'),
    });
    expect(new Set(asked.map((line) => line.split(' ').slice(1).join(' ')))).toEqual(
      new Set([`Basic ${Buffer.from('reader:p@ss').toString('base64')}`]),
    );
    isDown = true;
    for (let step = 0; step < 3000; step++) await log.onMetrics!(metrics(step, 1));
    await expect.poll(() => warnings).toHaveLength(1);
    for (let step = 3000; step < 6000; step++) await log.onMetrics!(metrics(step, 1));
    isDown = false;
    await log.finish(exampleSummary({ steps: 6000 }));
    expect(sent).toEqual(Array.from({ length: 6000 }, (_, step) => step));
    expect(warnings).toEqual([
      `MLflow: ${server.url} does not answer (503 "busy"); metrics wait, training goes on`,
      `MLflow: figures and report stay in ${folder}: the server takes no files (it needs --serve-artifacts)`,
    ]);
    await server.close();
  });

  it('warns once about refused values, and reports their number at the end', async () => {
    const server = await answering((path) => {
      if (path.includes('get-by-name')) return [200, '{"experiment": {"experiment_id": "1"}}'];
      if (path.endsWith('runs/create')) return [200, '{"run": {"info": {"run_id": "a", "artifact_uri": "file:///x"}}}'];
      const isRefused = path.endsWith('log-batch') && hasBegun;
      return isRefused ? [403, '{"error_code": "PERMISSION_DENIED", "message": "read only"}'] : [200, '{}'];
    });
    let hasBegun = false;
    const log = await createMlflowLogger(contextOf(), { MLFLOW_TRACKING_URI: server.url });
    hasBegun = true;
    for (let step = 0; step < 2500; step++) await log.onMetrics!(metrics(step, 1));
    await log.finish(exampleSummary());
    expect(warnings.slice(0, 2)).toEqual([
      `MLflow: ${server.url} refuses metrics: 403 PERMISSION_DENIED read only`,
      `MLflow: has not 2500 values that ${join(folder, 'metrics.jsonl')} has`,
    ]);
    await server.close();
  });
});

/** Starts a local server with fixed responses. */
async function answering(
  answer: (path: string, body: string, headers: { authorization?: string }) => readonly [number, string],
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const [status, text] = answer(request.url!, Buffer.concat(chunks).toString(), request.headers as object);
      response.writeHead(status).end(text);
    });
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
