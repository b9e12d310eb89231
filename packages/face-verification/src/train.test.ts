import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RandomStream, type StateDict } from '@motley/core';
import { encodeTensors } from '@motley/core';
import { chooseBackend } from '@motley/core/node';
import type { MetricRecord } from '@motley/run';
import { nativeGate } from '@motley/test-tools';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collapseOf } from './collapse.ts';
import { config } from './config.ts';
import { baselinePictures, loadData } from './data.ts';
import { baselines, evaluate } from './evaluate.ts';
import { drawFigures } from './figures.ts';
import { embeddingCost, FaceNetwork } from './model.ts';
import { similarity } from './predict.ts';
import { squareAt } from './sources/people.ts';
import { restoreModel, train } from './train.ts';

const tiny = [
  'data.people=6',
  'data.picturesPerPerson=4',
  'data.heldOutPictures=1',
  'data.validationPeople=3',
  'data.testPeople=20',
  'data.testPictures=3',
  'data.size=32',
  'model.embeddingSize=8',
  'training.batchSize=12',
  'training.warmupSteps=2',
  'training.logEverySteps=2',
  'training.emaDecay=null',
  'evaluation.mirrored=false',
  'evaluation.resamples=20',
];
const settingsWith = (...set: readonly string[]) => config.resolve({ set: [...tiny, ...set] });
const { describeNative } = await nativeGate(() => chooseBackend('tensorflow'));

describeNative('train', () => {
  beforeAll(() => chooseBackend('tensorflow'));

  it.each([
    ['softmax', 'loss.kind=softmax'],
    ['center loss', 'loss.kind=center'],
    ['learned centers', 'loss.centers=learned'],
    ['CosFace', 'loss.kind=cosface'],
    ['ArcFace', 'loss.kind=arcface'],
    ['ResNet', 'model.backbone=resnet'],
  ])('learns with %s, restores to the same metrics, and leaks no tensors', async (_, set) => {
    const settings = settingsWith(set, 'training.epochs=8', 'loss.marginWarmupSteps=4');
    const data = await loadData(settings, undefined);
    const before = tf.memory().numTensors;
    const records: MetricRecord[] = [];
    const listeners = [{ onMetrics: (record: MetricRecord) => void records.push(record) }];
    const { model, result } = await train(settings, data, { listeners });
    expect(result).toMatchObject({ status: 'completed', steps: 16 });
    const losses = records.flatMap(({ metrics }) => metrics.epochLoss ?? []);
    // With a margin, which grows, the loss may not fall so soon.
    if (settings.loss.kind === 'softmax' || settings.loss.kind === 'center')
      expect(losses.at(-1)!).toBeLessThan(losses[0]!);
    for (const { metrics } of records) for (const value of Object.values(metrics)) expect(value).not.toBeNaN();
    const state = model.stateDict();
    const copy = restoreModel(settings, state);
    tf.dispose(state);
    const evaluation = await evaluate(copy, settings, data);
    for (const [name, value] of Object.entries(evaluation.metrics))
      expect(result.metrics.test![name]).toBeCloseTo(value, 4);
    copy.dispose();
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('moves the centers of a compiled step as those of the same step uncompiled', async () => {
    const { compile } = await import('@motley/tensorflow');
    const settings = settingsWith('training.augmentation=none');
    const { loss, model: shape } = settings;
    const moved = [true, false].map((isCompiled) => {
      const model = new FaceNetwork(shape, loss, 6, { random: RandomStream.fromSeed(1) });
      const pictures = RandomStream.fromSeed(2).uniform([6, 24, 24, 3]);
      const people = tf.tensor1d([0, 1, 1, 2, 5, 0], 'int32');
      const terms = ({ x, y }: { x: tf.Tensor; y: tf.Tensor }) => ({
        loss: model.loss(x, y, RandomStream.fromSeed(3)).loss,
      });
      const step = isCompiled ? compile(terms, { engine: 'grappler' }) : terms;
      for (let time = 0; time < 3; time++) step({ x: pictures, y: people }).loss.dispose();
      const centers = Array.from(model.centers!.dataSync());
      model.dispose();
      tf.dispose([pictures, people]);
      return centers;
    });
    for (const [place, value] of moved[1]!.entries()) expect(moved[0]![place]).toBeCloseTo(value, 4);
    const lengths = Array.from({ length: 6 }, (_, person) =>
      Math.sqrt(moved[0]!.slice(8 * person, 8 * person + 8).reduce((sum, value) => sum + value ** 2, 0)),
    );
    for (const person of [0, 1, 2, 5]) expect(lengths[person]).toBeGreaterThan(0.01);
    for (const person of [3, 4]) expect(lengths[person]).toBe(0);
  });

  it('says once that a far too large λ makes the embeddings collapse', async () => {
    const few = ['data.heldOutPictures=0', 'data.validationPeople=0', 'data.testPeople=2', 'data.testPictures=2'];
    const data = await loadData(settingsWith(...few), undefined);
    const said = async (weight: number) => {
      const settings = settingsWith(...few, `loss.centerWeight=${weight}`, 'training.epochs=8');
      const lines: string[] = [];
      const { model } = await train(settings, data, {}, (line) => lines.push(line));
      model.dispose();
      return lines;
    };
    expect(await said(1000)).toEqual([
      expect.stringMatching(
        /^step \d+: the embeddings collapse into one point, .*: lower loss\.centerWeight, now 1000$/,
      ),
    ]);
    expect(await said(0.01)).toEqual([]);
  });

  describe('from weights of a file', () => {
    let folder: string;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'motley-faces-'));
    });
    afterAll(() => rm(folder, { recursive: true }));

    it('begins with the backbone of a run, and names a file of another network', async () => {
      const settings = settingsWith();
      const other = new FaceNetwork(settings.model, settings.loss, 9, { random: RandomStream.fromSeed(7) });
      const state = other.stateDict();
      const path = join(folder, 'run.safetensors');
      await writeFile(path, await encodeTensors(state));
      const data = await loadData(settings, undefined);
      const from = settingsWith(`model.weights=${path}`, 'training.epochs=1', 'training.learningRate=1e-12');
      const { model } = await train(from, data);
      const [found, expected] = [model, other].map(({ backbone }) =>
        [...backbone.namedParameters().values()][0]!.dataSync(),
      );
      for (const [place, value] of expected!.entries()) expect(found![place]).toBeCloseTo(value, 6);
      const wider = settingsWith(`model.weights=${path}`, 'model.backbone=resnet');
      await expect(train(wider, data)).rejects.toThrow(`${path}: expected weights of this network, found others`);
      tf.dispose(state);
      model.dispose();
      other.dispose();
    });
  });
});

describe('collapseOf', () => {
  const { loss } = config.resolve({});

  it('tells collapsed embeddings by their cosines or lengths, and the cure by the loss', () => {
    expect(collapseOf({ alike: 0.5, length: 3 }, loss)).toBeUndefined();
    expect(collapseOf({ loss: 3 }, loss)).toBeUndefined();
    expect(collapseOf({ alike: 0.99, length: 3 }, loss)).toBe(
      'the embeddings collapse into one point, two of them have a mean cosine of 0.990: lower loss.centerWeight, now 0.01',
    );
    expect(collapseOf({ alike: 0.5, length: 0.01 }, loss)).toBe(
      'the embeddings collapse into one point, their mean length is 0.010: lower loss.centerWeight, now 0.01',
    );
    const arc = { ...loss, kind: 'arcface' } as const;
    expect(collapseOf({ alike: 0.5, length: 0.01 }, arc)).toBeUndefined();
    expect(collapseOf({ alike: 0.99, length: 0.01 }, arc)).toContain(
      'cosine of 0.990: lower training.learningRate, or lengthen its warm-up',
    );
  });
});

describe('an untrained network', () => {
  beforeAll(() => chooseBackend('cpu'));

  it('has figures, baselines and the bound, in which the pictures themselves come near to it', async () => {
    const settings = settingsWith();
    const data = await loadData(settings, undefined);
    const before = tf.memory().numTensors;
    const model = new FaceNetwork(settings.model, settings.loss, 6, { random: RandomStream.fromSeed(1) }).eval();
    const evaluation = await evaluate(model, settings, data);
    expect(evaluation.pairs.same).toHaveLength(20 * 3);
    const figures = await drawFigures(data, evaluation);
    expect(Object.keys(figures)).toEqual(['roc', 'det', 'score-distribution', 'confused-people', 'missed-people']);
    const found = baselines(settings, data, await baselinePictures(settings, data));
    expect(Object.keys(found)).toEqual(['chance', 'pixels', 'eigenfaces', 'fisherfaces', 'optimum', 'optimumHere']);
    expect(found.optimum!.equalErrorRate).toBeCloseTo(0.0098, 4);
    expect(found.optimumHere!.equalErrorRate).toBeLessThan(0.05);
    expect(found.optimumHere!.closedSetAccuracy).toBe(1);
    const squares = [squareAt(data.test, 0), squareAt(data.test, 1)] as const;
    expect(await similarity(model, [squares[0], squares[0]], data.test.size, true)).toBeCloseTo(1, 5);
    const score = await similarity(model, squares, data.test.size, false);
    expect(score).toBeCloseTo(evaluation.pairs.same[0]!, 5);
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('costs as much as its twin, within a twentieth', () => {
    const { model } = config.resolve({});
    const cost = (backbone: 'convnext' | 'resnet') => embeddingCost({ ...model, backbone }, 48);
    expect(Math.abs(cost('resnet') / cost('convnext') - 1)).toBeLessThan(0.05);
  });

  it('refuses the checkpoint of another network', () => {
    const state: StateDict = { 'classifier.weight': tf.zeros([3, 8]) };
    expect(() => restoreModel(settingsWith(), state)).toThrow('state dict: expected tensor');
    tf.dispose(state);
  });
});
