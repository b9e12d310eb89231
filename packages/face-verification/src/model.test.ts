import { RandomStream } from '@motley/core';
import { chooseBackend } from '@motley/core/node';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { classificationLoss } from './loss.ts';
import { FaceVerificationModel } from './model.ts';
import { parsePoints, predict } from './predict.ts';

const POINTS = [0.3, -0.7, 1.5, 0.2, -2, 1] as const;
const smallModel = (): FaceVerificationModel =>
  new FaceVerificationModel({ hiddenSizes: [4, 3] }, RandomStream.fromSeed(3));

/** The network in plain numbers. */
function bruteForce(model: FaceVerificationModel, point: readonly number[]): number[] {
  const parameters = model.namedParameters();
  const linear = (name: string, input: readonly number[]): number[] => {
    const weight = parameters.get(`${name}.weight`)!.arraySync() as number[][];
    const bias = parameters.get(`${name}.bias`)!.arraySync() as number[];
    return weight.map((row, unit) => row.reduce((sum, value, index) => sum + value * input[index]!, bias[unit]!));
  };
  const relu = (values: readonly number[]): number[] => values.map((value) => Math.max(0, value));
  return linear('output', relu(linear('hidden.2', relu(linear('hidden.0', point)))));
}

describe('the model', () => {
  beforeAll(() => chooseBackend('cpu'));

  it('has the logits, probabilities and loss of the network in plain numbers, and leaks no tensors', async () => {
    const before = tf.memory().numTensors;
    const model = smallModel();
    const positions = tf.tensor2d([...POINTS], [3, 2]);
    const labels = tf.tensor1d([0, 1, 1], 'int32');
    const logits = model.forward(positions);
    expect(logits.shape).toEqual([3, 2]);
    const expected = [0, 1, 2].map((row) => bruteForce(model, POINTS.slice(2 * row, 2 * row + 2)));
    for (const [index, value] of logits.dataSync().entries()) expect(value).toBeCloseTo(expected.flat()[index]!, 5);

    const outer = expected.map(([a, b]) => 1 / (1 + Math.exp(a! - b!)));
    const predicted = await predict(model, Float32Array.from(POINTS));
    for (const [row, probability] of predicted.entries()) expect(probability).toBeCloseTo(outer[row]!, 5);

    const terms = classificationLoss(logits, labels);
    const nats = outer.map((probability, row) => -Math.log(row === 0 ? 1 - probability : probability));
    expect(terms.loss.dataSync()[0]).toBeCloseTo(nats.reduce((sum, each) => sum + each, 0) / 3, 5);
    const hits = outer.filter((probability, row) => probability > 0.5 === row > 0).length;
    expect(terms.accuracy!.dataSync()[0]).toBeCloseTo(hits / 3, 6);
    tf.dispose([positions, labels, logits, terms]);
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('names its parameters as PyTorch does', () => {
    const model = smallModel();
    expect([...model.namedParameters()].map(([name, { shape }]) => [name, shape])).toEqual([
      ['hidden.0.weight', [4, 2]],
      ['hidden.0.bias', [4]],
      ['hidden.2.weight', [3, 4]],
      ['hidden.2.bias', [3]],
      ['output.weight', [2, 3]],
      ['output.bias', [2]],
    ]);
    model.dispose();
  });
});

describe('parsePoints', () => {
  it('reads points, and refuses what is none', () => {
    expect([...parsePoints(['1,-2', ' 0.5, 3'])]).toEqual([1, -2, 0.5, 3]);
    expect(() => parsePoints([])).toThrow('expected at least one point');
    for (const text of ['1', '1,', '1,2,3', 'a,b']) expect(() => parsePoints([text])).toThrow(`got "${text}"`);
  });
});
