import { RandomStream } from '@motley/core';
import { chooseBackend } from '@motley/core/node';
import { largest } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { baselines, evaluate, score } from './evaluate.ts';
import { BranchingCnn } from './model.ts';
import { predict } from './predict.ts';
import { formula, plainTree, smallConfig, smallData, smallModel, smallShape, smallTree } from './testing/small.ts';

describe('predict', () => {
  beforeAll(() => chooseBackend('cpu'));

  it('runs the branch that the router chooses, with equal outputs in a batch and alone', async () => {
    const model = smallModel();
    const images = formula(1, [9, 8, 8, 2], 1);
    const together = await predict(model, images);
    const routes = tf.tidy(() => tf.argMax(model.route(model.features(images)), 1).dataSync());
    expect(together.map(({ group }) => group)).toEqual([...routes]);
    for (const [row, prediction] of together.entries()) {
      const image = tf.slice(images, [row, 0, 0, 0], [1, 8, 8, 2]);
      const [alone] = await predict(model, image);
      expect(alone!.ranking).toEqual(prediction.ranking);
      for (const [label, probability] of alone!.probabilities.entries())
        expect(prediction.probabilities[label]).toBeCloseTo(probability, 5);
      image.dispose();
    }
    images.dispose();
    model.dispose();
  });

  it('gives a distribution over all classes, and ranks the chosen group first', async () => {
    const before = tf.memory().numTensors;
    const model = smallModel();
    const images = formula(1, [5, 8, 8, 2], 1);
    for (const { group, groupProbabilities, probabilities, ranking } of await predict(model, images)) {
      const total = probabilities.reduce((sum, probability) => sum + probability, 0);
      expect(total).toBeCloseTo(1, 5);
      expect([...ranking].sort()).toEqual([0, 1, 2, 3, 4, 5]);
      const first = ranking.slice(0, smallTree.members[group]!.length);
      expect(first.every((label) => smallTree.groupOf[label] === group)).toBe(true);
      const ofGroup = smallTree.members[group]!.reduce((sum, label) => sum + probabilities[label]!, 0);
      expect(ofGroup).toBeCloseTo(groupProbabilities[group]!, 5);
    }
    images.dispose();
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('score', () => {
  const prediction = (group: number, ...ranking: number[]) => ({
    group,
    groupProbabilities: [0.2, 0.1, 0.7],
    probabilities: [0.1, 0.1, 0.5, 0.1, 0.1, 0.1],
    ranking,
  });

  it('computes top-1, top-5 and routing accuracy', () => {
    const predictions = [prediction(2, 2, 4, 5, 0, 3, 1), prediction(0, 0, 3, 2, 4, 5, 1)];
    const { loss, ...rest } = score(predictions, [2, 1], smallTree);
    expect(rest).toEqual({ accuracy: 0.5, top5Accuracy: 0.5, routingAccuracy: 0.5 });
    expect(loss).toBeCloseTo((-Math.log(0.5) - Math.log(0.1)) / 2, 9);
  });

  it('has the majority class as a baseline', () => {
    const data = smallData();
    const counts = smallTree.classNames.map((_, label) => data.training.labels.filter((each) => each === label).length);
    const majority = counts.indexOf(largest(counts));
    const { accuracy, top5Accuracy, loss } = baselines(data).majority!;
    expect(accuracy).toBe(data.test.labels.filter((label) => label === majority).length / data.test.count);
    expect(top5Accuracy).toBeGreaterThan(accuracy!);
    expect(loss).toBeCloseTo(Math.log(6), 0);
  });
});

describe('evaluate', () => {
  it('measures batch normalization with batch statistics too, and keeps the running statistics', async () => {
    const settings = smallConfig('model.normalization=batch', 'training.batchSize=4');
    const model = new BranchingCnn(settings.model, plainTree, smallShape, RandomStream.fromSeed(3));
    const buffers = () => [...model.namedBuffers().values()].map((buffer) => [...buffer.dataSync()]);
    const before = buffers();
    const { accuracyByBatchStatistics } = await evaluate(model, smallData().test, settings);
    expect(accuracyByBatchStatistics).toBeGreaterThanOrEqual(0);
    expect(buffers()).toEqual(before);
    expect(model.training).toBe(false);
    const grouped = smallModel();
    expect(await evaluate(grouped, smallData().test, smallConfig())).not.toHaveProperty('accuracyByBatchStatistics');
    model.dispose();
    grouped.dispose();
  });
});
