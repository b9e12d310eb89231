import { RandomStream, valueAndGradients } from '@motley/core';
import { chooseBackend } from '@motley/core/node';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { config } from './config.ts';
import { tableLoss } from './loss.ts';
import { TableNetwork } from './model.ts';
import reference from './reference.json' with { type: 'json' };

const [NUMBERS, INDICATORS, BATCH, MEMBERS] = [3, 2, 4, 3];
const { model: settings } = config.resolve({
  set: ['model.hiddenSizes=[6,5]', `model.members=${MEMBERS}`, 'model.frequencies=5', 'model.activation=silu'],
});
const LABELS = { binary: [0, 1, 1, 0], 'multi-class': [0, 2, 1, 2], number: undefined } as const;

/** Values sin(0.37 i + seed) · scale, as in `reference.py`. */
function formula(seed: number, shape: readonly number[], scale: number): tf.Tensor {
  const count = tf.util.sizeFromShape([...shape]);
  const values = Float32Array.from({ length: count }, (_, index) => Math.sin(index * 0.37 + seed) * scale);
  return tf.tensor(values, [...shape]);
}
const expectClose = (found: ArrayLike<number>, expected: readonly number[], tolerance: number): void => {
  expect(found).toHaveLength(expected.length);
  for (const [index, value] of expected.entries())
    expect(Math.abs(found[index]! - value)).toBeLessThan(tolerance * Math.max(1, Math.abs(value)));
};
const create = (outputs: number): TableNetwork =>
  new TableNetwork(settings, { numbers: NUMBERS, indicators: INDICATORS, outputs }, RandomStream.fromSeed(0));
const inputs = () => ({
  numbers: formula(100, [BATCH, NUMBERS], 1.5),
  indicators: tf.cast(tf.greater(formula(101, [BATCH, INDICATORS], 1), 0), 'float32'),
});

describe('the network', () => {
  beforeAll(() => chooseBackend('cpu'));

  it.each(Object.keys(LABELS) as (keyof typeof LABELS)[])(
    '%s: has the outputs, loss and gradients of PyTorch, and leaks no tensors',
    (task) => {
      const expected = reference[task];
      const before = tf.memory().numTensors;
      const model = create(task === 'multi-class' ? 3 : 1);
      tf.tidy(() => {
        const shapes = Object.entries(expected.gradients).map(([name, { shape }]) => [name, shape] as const);
        expect([...model.namedParameters()].map(([name, { shape }]) => [name, shape])).toEqual(shapes);
        const weights = shapes.map(([name, shape], index) => [name, formula(index, shape, 0.5)] as const);
        model.loadStateDict(Object.fromEntries(weights));
        const labels = LABELS[task];
        const targets = labels === undefined ? formula(7, [BATCH], 1) : tf.tensor1d([...labels]);
        const outputs = model.forward(inputs());
        expect(outputs.shape).toEqual([MEMBERS, BATCH, task === 'multi-class' ? 3 : 1]);
        expectClose(outputs.dataSync(), expected.logits, 1e-5);
        const { terms, gradients } = valueAndGradients(
          () =>
            tableLoss(model.forward(inputs()), targets, model.squaredWeights(), {
              task,
              kind: 'likelihood',
              penalty: 0.02,
              linearPenalty: 0.03,
            }),
          model.namedParameters(),
        );
        expectClose(terms.loss.dataSync(), [expected.loss], 1e-5);
        expectClose(terms.fit!.dataSync(), [expected.fit], 1e-5);
        tf.dispose(terms); // kept beyond the tidy
        for (const [name, { shape, norm, projection }] of Object.entries(expected.gradients)) {
          expectClose(tf.norm(gradients[name]!).dataSync(), [norm], 1e-5);
          const product = tf.sum(tf.mul(gradients[name]!, formula(300, shape, 1))).dataSync();
          expect(Math.abs(product[0]! - projection)).toBeLessThan(2e-5 * Math.max(1, norm));
        }
      });
      model.dispose();
      expect(tf.memory().numTensors).toBe(before);
    },
  );

  it('has members that differ, and dropout in training alone', () => {
    tf.tidy(() => {
      const model = create(1);
      const outputs = model.forward(inputs()).dataSync();
      expect(new Set(outputs).size).toBe(MEMBERS * BATCH);
      const dropped = (): number[] => [...model.forward(inputs(), RandomStream.fromSeed(5)).dataSync()];
      expect(dropped()).not.toEqual([...outputs]);
      model.eval();
      expect(dropped()).toEqual([...outputs]);
      model.dispose();
    });
  });
});
