import { GroupNorm, RandomStream, StandardizedConv2d, valueAndGradients } from '@motley/core';
import { chooseBackend } from '@motley/core/node';
import { largest } from '@motley/run';
import { nativeGate } from '@motley/test-tools';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { treeLoss } from './loss.ts';
import reference from './reference.json' with { type: 'json' };
import { formula, smallModel } from './testing/small.ts';

const GROUPS = [2, 0, 2, 1, 0];
const POSITIONS = [1, 1, 2, 0, 0];
const TOLERANCE = 1e-5;

const { describeOn } = await nativeGate(() => chooseBackend('tensorflow'));

/** Expects values that are equal to 1e-5 of the largest. */
function expectClose(
  found: ArrayLike<number>,
  expected: readonly number[],
  scale = largest(expected.map(Math.abs)),
): void {
  expect(found).toHaveLength(expected.length);
  const errors = expected.map((value, index) => Math.abs(found[index]! - value));
  expect(largest(errors)).toBeLessThan(TOLERANCE * Math.max(1, scale));
}

describeOn(['cpu', 'tensorflow'], 'on %s', (backend) => {
  beforeAll(() => chooseBackend(backend));

  it('group normalization and weight standardization equal PyTorch, forward and backward', () => {
    tf.tidy(() => {
      const { output, byInput, gradients } = reference.block;
      const convolution = new StandardizedConv2d(3, 4, {
        kernelSize: 3,
        padding: 1,
        bias: false,
        random: RandomStream.fromSeed(0),
      });
      const normalization = new GroupNorm(2, 4);
      convolution.loadStateDict({ weight: formula(0, [4, 3, 3, 3], 0.5) });
      normalization.loadStateDict({ weight: formula(1, [4], 0.5), bias: formula(2, [4], 0.5) });
      const forward = (x: tf.Tensor) => normalization.forward(convolution.forward(x));
      const x = formula(100, [2, 5, 4, 3], 1);
      expectClose(forward(x).dataSync(), output);
      const along = (given: tf.Tensor) => tf.sum(tf.mul(forward(given), formula(200, [2, 5, 4, 4], 1)));
      expectClose(tf.grad(along)(x).dataSync(), byInput);
      const norms = [...normalization.namedParameters()].map(([name, each]) => [`norm.${name}`, each] as const);
      const named = new Map([...convolution.namedParameters(), ...norms]);
      const found = valueAndGradients(() => ({ loss: along(x) }), named).gradients;
      const inPyTorch = tf.transpose(found.weight!, [3, 2, 0, 1]);
      expectClose(inPyTorch.dataSync(), gradients['convolution.weight']);
      expectClose(found['norm.weight']!.dataSync(), gradients['normalization.weight']);
      expectClose(found['norm.bias']!.dataSync(), gradients['normalization.bias']);
    });
  });

  it.each(['tiles', 'parts'])('logits, loss and gradients of the network equal PyTorch (by %s)', (how) => {
    tf.tidy(() => {
      const expected = reference.network;
      const model = smallModel();
      const shapes = Object.entries(model.stateDict()).map(([name, { shape }]) => [name, shape] as const);
      expect(shapes).toEqual(Object.entries(expected.gradients).map(([name, { shape }]) => [name, shape]));
      model.loadStateDict(Object.fromEntries(shapes.map(([name, shape], index) => [name, formula(index, shape, 0.5)])));
      const images = tf.add(formula(100, [5, 8, 8, 2], 0.5), 0.5);
      const [groups, positions] = [tf.tensor1d(GROUPS, 'int32'), tf.tensor1d(POSITIONS, 'int32')];
      const forward = () => model.forward(images, how === 'tiles' ? groups : GROUPS);
      const { groupLogits, classLogits } = forward();
      expectClose(groupLogits.dataSync(), expected.groupLogits);
      for (const [row, logits] of expected.classLogits.entries()) {
        const found = tf.slice(classLogits, [row, 0], [1, 3]).dataSync();
        expectClose(found.slice(0, logits.length), logits);
        for (const none of found.slice(logits.length)) expect(none).toBeLessThan(-1e8);
      }
      const { terms, gradients } = valueAndGradients(
        () => treeLoss(forward(), { groups, positions }, { routerWeight: 1 }),
        model.namedParameters(),
      );
      expectClose(terms.loss.dataSync(), [expected.loss]);
      expectClose(terms.branch!.dataSync(), [expected.branch]);
      for (const [name, parameter] of model.namedParameters()) parameter.assign(gradients[name]!);
      const inPyTorch = model.stateDict();
      for (const [name, { shape, norm, projection }] of Object.entries(expected.gradients)) {
        const gradient = inPyTorch[name]!;
        expectClose(tf.norm(gradient).dataSync(), [norm], norm);
        expectClose(tf.sum(tf.mul(gradient, formula(300, shape, 1))).dataSync(), [projection], norm);
      }
      model.dispose();
    });
  });
});
