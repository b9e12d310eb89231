import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { chooseBackend } from '../node/backend.ts';
import { describeOn } from '../testing/native.ts';
import { BACKENDS } from './testing.ts';
import reference from './weighted-losses.reference.json' with { type: 'json' };
import { balancedClassWeights, weightedCrossEntropy, type WeightedCrossEntropyOptions } from './weighted-losses.ts';

const LOGITS = [0.5, -1, 2, 0, 3, -0.25, 1, 1, 1, -2, 0.3, 0.1];
const LABELS = [2, 0, 1, 2];
const classWeights = [0.5, 2, 1.25];

describeOn(BACKENDS, 'weightedCrossEntropy on %s', (backend) => {
  beforeAll(() => chooseBackend(backend));

  it.each<[keyof typeof reference, WeightedCrossEntropyOptions]>([
    ['weights', { classWeights }],
    ['smoothed', { classWeights, labelSmoothing: 0.1 }],
    ['smoothedAlone', { labelSmoothing: 0.1 }],
  ])('with %s gives what PyTorch gives, gradient too', (name, options) => {
    tf.tidy(() => {
      const labels = tf.tensor1d(LABELS, 'int32');
      const loss = (logits: tf.Tensor): tf.Scalar => weightedCrossEntropy(logits, labels, options).asScalar();
      const { value, grad } = tf.valueAndGrad(loss)(tf.tensor2d(LOGITS, [4, 3]));
      const expected = reference[name];
      expect(value.dataSync()[0]).toBeCloseTo(expected.loss, 5);
      for (const [index, found] of grad.dataSync().entries()) expect(found).toBeCloseTo(expected.gradient[index]!, 5);
    });
  });

  it('counts an example with weight 2 as two examples', () => {
    tf.tidy(() => {
      const logits = tf.tensor2d(LOGITS, [4, 3]);
      const labels = tf.tensor1d(LABELS, 'int32');
      const options = { classWeights, labelSmoothing: 0.1 };
      const twice = weightedCrossEntropy(
        tf.concat([logits, logits.slice(1, 1)]),
        tf.concat([labels, labels.slice(1, 1)]),
        options,
      );
      const weighted = weightedCrossEntropy(logits, labels, { ...options, exampleWeights: tf.tensor1d([1, 2, 1, 1]) });
      expect(weighted.dataSync()[0]).toBeCloseTo(twice.dataSync()[0]!, 5);
    });
  });
});

it('weightedCrossEntropy refuses a wrong number of class weights', () => {
  const call = () => weightedCrossEntropy(tf.zeros([2, 3]), tf.tensor1d([0, 1], 'int32'), { classWeights: [1, 2] });
  expect(call).toThrow('weightedCrossEntropy: expected 3 class weights, got 2');
});

it('balancedClassWeights balances classes, with weight 0 for a class without examples', () => {
  expect(balancedClassWeights([0, 0, 0, 1, 3, 3], 4)).toEqual([0.5, 1.5, 0, 0.75]);
});
