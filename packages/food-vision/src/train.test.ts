import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chooseBackend } from '@motley/core/node';
import type { MetricRecord } from '@motley/run';
import { nativeGate } from '@motley/test-tools';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { config } from './config.ts';
import { loadData } from './data.ts';
import { drawFigures } from './figures.ts';
import { evaluate, restoreModel, startOf, train } from './train.ts';

const { describeNative } = await nativeGate(() => chooseBackend('tensorflow'));

describeNative('train', () => {
  let cache: string;
  beforeAll(async () => {
    await chooseBackend('tensorflow');
    cache = await mkdtemp(join(tmpdir(), 'motley-food-'));
    vi.stubEnv('MOTLEY_CACHE', cache); // without fetched weights
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await rm(cache, { recursive: true });
  });

  const tiny = ['data.maxClasses=2', 'evaluation.mirrored=false', 'training.batchSize=4', 'training.logEverySteps=1'];

  it.each([
    ['head', 'training.epochs=15', 'training.learningRate=1e-3'],
    ['all', 'training.epochs=2', 'training.learningRate=1e-5'],
  ])('tunes the %s from random features, says so, and leaks no tensors', async (tuning, ...set) => {
    const settings = config.resolve({ set: [...tiny, ...set, `model.tuning=${tuning}`] });
    const data = await loadData(settings, undefined);
    const before = tf.memory().numTensors;
    const records: MetricRecord[] = [];
    const lines: string[] = [];
    const listeners = [{ onMetrics: (record: MetricRecord) => void records.push(record) }];
    const { model, result } = await train(settings, data, { listeners }, (line) => lines.push(line));
    expect(lines).toEqual([expect.stringContaining('none fetched, so the features are random')]);
    expect(result).toMatchObject({ status: 'completed' });
    const losses = records.flatMap(({ metrics }) => metrics.epochLoss ?? []);
    if (tuning === 'head') expect(losses.at(-1)!).toBeLessThan(losses[0]!);
    const evaluation = await evaluate(model, settings, data.test);
    expect(evaluation.metrics.pictures).toBe(2);
    for (const [name, value] of Object.entries(evaluation.metrics))
      expect(result.metrics.test![name]).toBeCloseTo(value, 4);
    const start = await startOf(settings, data);
    expect(start.ridge.leftOutAccuracy).toBeGreaterThanOrEqual(0);
    // Trained parameters alone.
    expect(result.parameters).toBe(tuning === 'head' ? 2 * 1281 : model.parameterCount());
    const state = model.stateDict();
    const copy = restoreModel(settings, state);
    tf.dispose(state);
    expect((await evaluate(copy, settings, data.test)).metrics).toEqual(evaluation.metrics);
    copy.dispose();
    if (tuning === 'head') {
      const figures = await drawFigures(model, settings, data, evaluation);
      expect(Object.keys(figures)).toEqual([
        'confusion-matrix',
        'hardest-pictures',
        'nearest-pictures',
        'class-activation-maps',
      ]);
    }
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
