import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PYTHON_TIMEOUT_IN_MS, hasPython, pythonTool } from '@motley/python-tools';
import fc from 'fast-check';
import sharp from 'sharp';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { encodeArrays } from '../../../checkpoint/arrays.ts';
import { exampleSummary } from '../testing/example-summary.ts';
import { RunFileWriter, readRunFile } from './run-file.ts';
import { createWandbLogger } from './wandb-logger.ts';

let folder: string;
let wandb: string;
beforeAll(() => {
  if (hasPython) wandb = pythonTool('wandb');
}, PYTHON_TIMEOUT_IN_MS);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motley-wandb-'));
});
afterEach(() => rm(folder, { recursive: true }));

const contextOf = (parts: { resumed?: boolean; fromStep?: number; config?: object } = {}) => ({
  folder,
  system: 'vae',
  runName: 'größe',
  config: { model: { sizes: [512, 256] }, training: { learningRate: 1e-3 } },
  resumed: false,
  ...parts,
});
const metrics = (step: number, loss: number, split: 'train' | 'validation' = 'train') => ({
  step,
  epoch: 1,
  split,
  timeInSeconds: step / 10,
  metrics: { loss },
});

/** Requests that the real `wandb sync` sends for the folder's run, to a server that accepts all of them. */
async function sync(): Promise<{
  readonly run: { name: string; displayName: string; project: string; config: Record<string, { value: unknown }> };
  readonly rows: Record<string, unknown>[];
  readonly files: Record<string, Buffer>;
  readonly exitCodes: number[];
}> {
  const run: Record<string, string> = {};
  const lines: string[] = [];
  const files: Record<string, Buffer> = {};
  const exitCodes: number[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      const { pathname } = new URL(request.url!, 'http://localhost');
      let answer: unknown = {};
      if (pathname === '/graphql') {
        const { query, variables } = JSON.parse(body.toString()) as {
          query: string;
          variables: Record<string, string>;
        };
        if (query.includes('upsertBucket')) {
          // Later requests leave out unchanged fields.
          Object.assign(run, Object.fromEntries(Object.entries(variables).filter(([, value]) => value)));
          const project = { id: 'p', name: run.project, entity: { id: 'e', name: 'reader' } };
          answer = {
            data: {
              upsertBucket: {
                inserted: true,
                bucket: { id: 'a', name: run.name, displayName: run.displayName, project },
              },
            },
          };
        } else if (query.includes('createRunFiles')) {
          const names = variables.files as unknown as string[];
          const uploads = names.map((name) => ({ name, uploadUrl: `${url()}/upload/${encodeURIComponent(name)}` }));
          answer = { data: { createRunFiles: { runID: 'a', uploadHeaders: [], files: uploads } } };
        }
      } else if (pathname.endsWith('/file_stream')) {
        const { files: streams = {}, exitcode } = JSON.parse(body.toString()) as {
          files?: Record<string, { content: string[] }>;
          exitcode?: number;
        };
        for (const line of streams['wandb-history.jsonl']?.content ?? []) lines.push(line);
        if (exitcode !== undefined) exitCodes.push(exitcode);
      } else if (pathname.startsWith('/upload/')) {
        files[decodeURIComponent(pathname.slice('/upload/'.length))] = body;
      }
      response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
    });
  });
  const url = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const environment = { ...process.env, WANDB_BASE_URL: url(), WANDB_API_KEY: '0'.repeat(40), HOME: folder };
    await promisify(execFile)(wandb, ['sync', '--yes', ...(await runFolders())], { env: environment });
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  const { name = '', displayName = '', project = '', config = '{}' } = run;
  return {
    run: { name, displayName, project, config: JSON.parse(config) as Record<string, { value: unknown }> },
    rows: lines.map((line) => JSON.parse(line) as Record<string, unknown>),
    files,
    exitCodes,
  };
}
const runFolders = async (): Promise<string[]> =>
  (await readdir(join(folder, 'wandb')))
    .filter((name) => name.startsWith('offline-run-'))
    .map((name) => join(folder, 'wandb', name));

describe.skipIf(!hasPython)('the real wandb program, which needs python3,', () => {
  it('uploads a whole run: rows, histograms, images, final status', async () => {
    const png = await sharp({ create: { width: 5, height: 3, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    await mkdir(join(folder, 'figures'));
    await writeFile(join(folder, 'figures', 'samples.png'), png);
    const log = await createWandbLogger(contextOf(), { WANDB_PROJECT: 'digits' });
    await log.onMetrics!(metrics(10, 2));
    await log.onMetrics!(metrics(10, 3, 'validation'));
    const weights = encodeArrays({
      'encoder.weight': { shape: [4], values: Float32Array.of(-1, 0, 0, 1) },
      broken: { shape: [], values: Float32Array.of(NaN) },
    });
    await log.onEpochEnd!({ step: 10, epoch: 1, weights });
    await log.onMetrics!(metrics(20, Infinity));
    await log.finish(exampleSummary({ steps: 20, metrics: { test: { loss: 2.5 } } }));

    const { run, rows, files, exitCodes } = await sync();
    expect(run).toMatchObject({
      name: (await runFolders())[0]!.slice(-8),
      displayName: 'größe',
      project: 'digits',
      config: { model: { value: { sizes: [512, 256] } }, training: { value: { learningRate: 0.001 } } },
    });
    expect(rows).toHaveLength(2);
    expect(rows[0]).toMatchObject({ _step: 10, _runtime: 1, 'loss/train': 2, 'loss/validation': 3 });
    const histogram = rows[0]!['weights/encoder.weight'] as { _type: string; bins: number[]; values: number[] };
    expect([histogram._type, histogram.bins.length, histogram.values.filter((count) => count > 0)]).toEqual([
      'histogram',
      65,
      [1, 2, 1],
    ]);
    expect(rows[0]).not.toHaveProperty('weights/broken');
    const picture = rows[1]!['figures/samples'] as { _type: string; path: string; width: number; height: number };
    expect(rows[1]).toMatchObject({ _step: 20, 'loss/train': 'Infinity', 'loss/test': 2.5 });
    expect(picture).toMatchObject({ _type: 'image-file', width: 5, height: 3 });
    expect(files[picture.path]!.equals(png)).toBe(true);
    expect(JSON.parse(files['wandb-summary.json']!.toString())).toMatchObject({
      'loss/validation': 3,
      'loss/test': 2.5,
    });
    expect(exitCodes).toEqual([0]);
  });

  it('finds a run resumed after a crash in the same file, from the step of the checkpoint', async () => {
    const log = await createWandbLogger(contextOf(), {});
    const none = encodeArrays({});
    for (const step of [10, 20, 30]) {
      await log.onMetrics!(metrics(step, 1 / step));
      await log.onCheckpoint!({ step, epoch: 1, weights: none, optimizer: none, state: {}, isBest: true });
    }
    await log.onMetrics!(metrics(40, 0));
    const [run] = await runFolders();
    const file = join(run!, `run-${run!.slice(-8)}.wandb`);
    // Killed in the middle of a record.
    await truncate(file, (await readFile(file)).length - 3);

    const resumed = await createWandbLogger(
      contextOf({ resumed: true, fromStep: 20, config: { training: { learningRate: 5 } } }),
      {},
    );
    // Closes the file, which a killed process would have released.
    await log.finish(exampleSummary());
    await resumed.onMetrics!(metrics(30, 300));
    await resumed.finish(exampleSummary({ status: 'failed' }));
    expect(await runFolders()).toEqual([run]);
    const synced = await sync();
    expect(synced.run).toMatchObject({
      name: run!.slice(-8),
      project: 'vae',
      config: { training: { value: { learningRate: 5 } } },
    });
    expect(synced.rows.map((row) => [row._step, row['loss/train']])).toEqual([
      [10, 0.1],
      [20, 0.05],
      [30, 300],
    ]);
    expect(synced.exitCodes).toEqual([1]);
  });
});

it('keeps records of any size whole, and stops where the file is cut', async () => {
  const path = join(folder, 'a.wandb');
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(100_000), { minLength: 1, maxLength: 8 }), fc.nat(), async (sizes, cut) => {
      const records = sizes.map((size, index) => new Uint8Array(size).fill(index + 1));
      const writer = await RunFileWriter.open(path);
      for (const record of records) void writer.append(record);
      await writer.close();
      expect((await readRunFile(path)).map(({ length }) => length)).toEqual(sizes);
      const { length } = await readFile(path);
      await truncate(path, 7 + (cut % (length - 7)));
      expect((await readRunFile(path)).length).toBeLessThan(sizes.length);
    }),
    { numRuns: 30, seed: 1 },
  );
  // Exactly as many bytes left in a block as a chunk header takes.
  const writer = await RunFileWriter.open(path);
  await writer.append(new Uint8Array(32 * 1024 - 7 - 7 - 7));
  await writer.append(Uint8Array.of(1, 2, 3));
  await writer.close();
  expect([...(await readRunFile(path))[1]!]).toEqual([1, 2, 3]);
  await writeFile(path, 'something else');
  await expect(readRunFile(path)).rejects.toThrow(`${path}: expected a run of Weights & Biases, found other bytes`);
});
