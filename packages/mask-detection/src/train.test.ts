import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chooseBackend } from '@motley/core/node';
import type { MetricRecord } from '@motley/run';
import { nativeGate } from '@motley/test-tools';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { config } from './config.ts';
import { generateScenes } from './data.ts';
import { allMetrics, judge } from './evaluate.ts';
import { drawFigures } from './figures.ts';
import { restoreModel } from './restore.ts';
import { train } from './train.ts';

const { describeNative } = await nativeGate(() => chooseBackend('tensorflow'));

describeNative('train', () => {
  let cache: string;
  beforeAll(async () => {
    await chooseBackend('tensorflow');
    cache = await mkdtemp(join(tmpdir(), 'motley-masks-'));
    vi.stubEnv('MOTLEY_CACHE', cache); // without fetched weights
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await rm(cache, { recursive: true });
  });

  it('learns from scenes without fetched weights, says so, and leaks no tensors', async () => {
    const set = ['training.logEverySteps=1', 'training.epochs=4', 'data.testScenes=2'];
    const settings = config.resolve({ fast: true, set });
    const data = generateScenes(settings);
    const before = tf.memory().numTensors;
    const records: MetricRecord[] = [];
    const lines: string[] = [];
    const listeners = [{ onMetrics: (record: MetricRecord) => void records.push(record) }];
    const { model, result } = await train(settings, data, { listeners }, (line) => lines.push(line));
    expect(lines).toEqual([expect.stringContaining('none fetched, so training starts from scratch')]);
    const losses = records.flatMap(({ metrics }) => metrics.epochLoss ?? []);
    expect(losses.at(-1)!).toBeLessThan(losses[0]!);
    const judged = await judge(model, data.test, settings);
    expect(allMetrics(judged, data.classes)).toEqual(result.metrics.test);
    const state = model.stateDict();
    const copy = restoreModel(settings, state);
    tf.dispose(state);
    expect(await judge(copy, data.test, settings)).toEqual(judged);
    copy.dispose();
    const figures = await drawFigures(model, settings, data);
    expect(Object.keys(figures)).toEqual([
      'boxes-1',
      'boxes-2',
      'precision-recall',
      'errors-by-kind',
      'anchors-and-boxes',
    ]);
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  }, 120_000);
});
