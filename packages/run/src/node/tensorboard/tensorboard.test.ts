import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { PYTHON_TIMEOUT_IN_MS, hasPython, pythonTool } from '@motley/python-tools';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { encodeArrays } from '../../checkpoint/arrays.ts';
import { exampleSummary } from '../logging/testing/example-summary.ts';
import { freePort, startServer, type ToolServer } from '../logging/testing/tool-server.ts';
import { bytesField, encodeMessage, messageField } from '../protobuf.ts';
import { writeProjector } from './projector.ts';
import { TensorBoardLog } from './tensorboard-log.ts';

/** Folder of events, read by the real TensorBoard and checked through its HTTP API. */
let folder: string;
let server: ToolServer;
const CURVES = ['accuracy/validation', 'loss/baseline-mean', 'loss/test', 'loss/validation'];
const records = [100, 50, 25].map((loss, index) => ({
  step: index * 10,
  epoch: index + 1,
  split: 'validation' as const,
  timeInSeconds: index,
  metrics: { loss, accuracy: index / 4 },
}));
/** Two nodes of a GraphDef (tensorflow/core/framework/graph.proto, node_def.proto): names, operations, an input. */
const graphDef = encodeMessage([
  messageField(1, [bytesField(1, 'images'), bytesField(2, 'Placeholder')]),
  messageField(1, [bytesField(1, 'encoder/Relu'), bytesField(2, 'Relu'), bytesField(3, 'images')]),
]);
const summary = exampleSummary({
  steps: 20,
  metrics: { test: { loss: 11 }, validation: { loss: 12.5 } },
  baselines: { mean: { loss: 90 } },
});
const points = Float32Array.of(0, 1, 2, 3, 4.5, -6);
let png: Buffer;

describe.skipIf(!hasPython)('the real TensorBoard, which needs python3,', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'motley-tensorboard-'));
    png = await sharp({ create: { width: 5, height: 3, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    const config = (rate: number) => ({
      model: { kind: 'dense', sizes: [3, 4] },
      training: { rate, ema: null, fast: true },
    });
    const weights = encodeArrays({
      'encoder.weight': { shape: [6], values: Float32Array.of(-1, 0.05, 0.1, 0.9, 2, NaN) },
      broken: { shape: [], values: Float32Array.of(NaN) },
    });

    const all = { config: config(0.1), showsAll: true };
    const first = await TensorBoardLog.open(folder, all);
    for (const record of records) await first.onMetrics(record);
    await first.onEpochEnd!({ step: 20, epoch: 3, weights });
    await first.onGraph!(graphDef);
    await first.finish({ ...summary, status: 'stopped' });
    // The run is resumed from step 10.
    const resumed = await TensorBoardLog.open(folder, { ...all, fromStep: 10 });
    await resumed.onMetrics({ ...records[2]!, metrics: { loss: 12.5 } });
    await resumed.onEpochEnd!({ step: 20, epoch: 3, weights });
    await resumed.onFigure('samples', png, 20);
    await resumed.finish(summary);
    await writeProjector(folder, [
      {
        name: 'latents',
        values: points,
        shape: [3, 2],
        labels: { digit: [7, 8, 9], note: ['a', 'tab\tinside', 'c'] },
        thumbnails: { images: Uint8Array.from({ length: 12 }, (_, index) => index * 20), shape: [3, 2, 2, 1] },
      },
    ]);

    const port = await freePort();
    const argv = ['--logdir', folder, '--host', '127.0.0.1', '--port', String(port), '--load_fast=false'];
    server = await startServer(pythonTool('tensorboard'), argv, { port, healthPath: '/data/environment' });
    // It reads its files after it has started to answer.
    while (Object.keys(await ask<object>('/data/plugin/hparams/experiment', {})).length === 0) await delay(50);
  }, PYTHON_TIMEOUT_IN_MS);
  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true });
  });

  async function ask<T>(path: string, post?: object): Promise<T> {
    const response = await fetch(server.url + path, {
      ...(post === undefined ? {} : { method: 'POST', body: JSON.stringify(post) }),
      headers: { 'content-type': 'application/json' },
    });
    const text = await response.text();
    expect(response.status, text).toBe(200);
    return JSON.parse(text) as T;
  }
  const bytes = async (path: string): Promise<Buffer> =>
    Buffer.from(await (await fetch(server.url + path)).arrayBuffer());

  it('shows the curves, without the steps dropped by a resume', async () => {
    const tags = await ask<Record<string, object>>('/data/plugin/scalars/tags');
    expect(Object.keys(tags['.']!).sort()).toEqual(CURVES);
    const curve = await ask<number[][]>('/data/plugin/scalars/scalars?run=.&tag=loss%2Fvalidation');
    expect(curve.map(([, step, value]) => [step, value])).toEqual([
      [0, 100],
      [10, 50],
      [20, 12.5],
    ]);
    const test = await ask<number[][]>('/data/plugin/scalars/scalars?run=.&tag=loss%2Ftest');
    expect(test.map(([, step, value]) => [step, value])).toEqual([[20, 11]]);
  });

  it('shows histograms of the finite weights', async () => {
    const tags = await ask<Record<string, object>>('/data/plugin/histograms/tags');
    expect(tags).toEqual({ '.': { 'weights/encoder.weight': { displayName: '', description: '' } } });
    const series = await ask<[number, number, number[][]][]>(
      '/data/plugin/histograms/histograms?run=.&tag=weights%2Fencoder.weight',
    );
    expect(series.map(([, step]) => step)).toEqual([20]);
    const bins = series[0]![2];
    expect(bins).toHaveLength(30);
    expect([bins[0]![0], bins[29]![1]]).toEqual([Math.fround(-1), 2]);
    expect(bins.filter(([, , count]) => count! > 0).map(([low, , count]) => [low!.toFixed(1), count])).toEqual([
      ['-1.0', 1],
      ['0.0', 1],
      ['0.1', 1],
      ['0.8', 1],
      ['1.9', 1],
    ]);
  });

  it('shows images and text', async () => {
    const query = 'run=.&tag=figures%2Fsamples&sample=0';
    const [picture] = await ask<{ query: string }[]>(`/data/plugin/images/images?${query}`);
    expect((await bytes(`/data/plugin/images/individualImage?${picture!.query}`)).equals(png)).toBe(true);
    const texts = await ask<{ text: string }[]>('/data/plugin/text/text?run=.&tag=config');
    expect(texts.at(-1)!.text).toContain('&quot;kind&quot;: &quot;dense&quot;');
  });

  it('shows the graph', async () => {
    const info = await ask<Record<string, { run_graph: boolean }>>('/data/plugin/graphs/info');
    expect(info['.']!.run_graph).toBe(true);
    const graph = (await bytes('/data/plugin/graphs/graph?run=.&conceptual=false&large_attrs_key=_')).toString();
    expect(graph).toMatch(/name: "encoder\/Relu"\s+op: "Relu"\s+input: "images"/);
  });

  it('shows the hyperparameters beside the metrics, and the final status', async () => {
    const { hparamInfos, metricInfos } = await ask<{
      hparamInfos: { name: string; type: string }[];
      metricInfos: { name: { group: string; tag: string } }[];
    }>('/data/plugin/hparams/experiment', {});
    expect(Object.fromEntries(hparamInfos.map(({ name, type }) => [name, type]))).toEqual({
      'model.kind': 'DATA_TYPE_STRING',
      'model.sizes': 'DATA_TYPE_STRING',
      'training.ema': 'DATA_TYPE_STRING',
      'training.fast': 'DATA_TYPE_BOOL',
      'training.rate': 'DATA_TYPE_FLOAT64',
    });
    expect(metricInfos.map(({ name: { tag } }) => tag).sort()).toEqual(CURVES);
    const { sessionGroups } = await ask<{
      sessionGroups: { hparams: object; sessions: { status: string }[]; metricValues: { value: number }[] }[];
    }>('/data/plugin/hparams/session_groups', {
      startIndex: 0,
      sliceSize: 10,
      allowedStatuses: ['STATUS_UNKNOWN', 'STATUS_SUCCESS', 'STATUS_FAILURE', 'STATUS_RUNNING'],
      aggregationType: 'AGGREGATION_AVG',
      colParams: [{ metric: { group: '', tag: 'loss/validation' } }],
    });
    expect(sessionGroups).toHaveLength(1);
    expect(sessionGroups[0]!.hparams).toEqual({
      'model.kind': 'dense',
      'model.sizes': '[3,4]',
      'training.ema': 'null',
      'training.fast': true,
      'training.rate': 0.1,
    });
    expect(sessionGroups[0]!.sessions.map(({ status }) => status)).toEqual(['STATUS_SUCCESS']);
  });

  it('shows the points of the projector with labels and thumbnails', async () => {
    expect(await ask('/data/plugin/projector/runs')).toEqual(['.']);
    const { embeddings } = await ask<{ embeddings: { tensorName: string; tensorShape: number[]; sprite: object }[] }>(
      '/data/plugin/projector/info?run=.',
    );
    expect(embeddings).toMatchObject([
      { tensorName: 'latents', tensorShape: [3, 2], sprite: { singleImageDim: [2, 2] } },
    ]);
    const tensor = await bytes('/data/plugin/projector/tensor?run=.&name=latents&num_rows=3');
    expect(new Float32Array(tensor.buffer, tensor.byteOffset, 6)).toEqual(points);
    const labels = await bytes('/data/plugin/projector/metadata?run=.&name=latents&num_rows=3');
    expect(labels.toString()).toBe('digit\tnote\n7\ta\n8\ttab inside\n9\tc\n');
    const sprite = await bytes('/data/plugin/projector/sprite_image?run=.&name=latents');
    const { data, info } = await sharp(sprite).extractChannel(0).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual([4, 4]);
    expect([...data]).toEqual([0, 20, 80, 100, 40, 60, 120, 140, 160, 180, 255, 255, 200, 220, 255, 255]);
  });
});

describe('a log for TensorBoard', () => {
  let own: string;
  beforeEach(async () => {
    own = await mkdtemp(join(tmpdir(), 'motley-tensorboard-'));
  });
  afterEach(() => rm(own, { recursive: true }));

  it('asks for neither weights nor graph where it is not named', async () => {
    const log = await TensorBoardLog.open(own, { config: {} });
    expect([log.onEpochEnd, log.onGraph]).toEqual([undefined, undefined]);
    await log.finish(summary);
  });

  it('removes its own file, and no other', async () => {
    await writeFile(join(own, 'notes.txt'), 'the reader’s own');
    const earlier = await TensorBoardLog.open(own, { config: {} });
    await earlier.finish({ ...summary, status: 'stopped' });
    const names = await readdir(own);
    const log = await TensorBoardLog.open(own, { config: {}, fromStep: 3 });
    expect(await readdir(own)).toHaveLength(3);
    await log.discard();
    expect(await readdir(own)).toEqual(names);
    expect(existsSync(join(own, 'notes.txt'))).toBe(true);
  });
});
