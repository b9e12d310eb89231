import { valueAndGradients } from '@motley/core';
import { chooseBackend } from '@motley/core/node';
import { largest } from '@motley/run';
import { nativeGate } from '@motley/test-tools';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { classificationLoss } from './loss.ts';
import reference from './reference.json' with { type: 'json' };
import { formula, smallModel } from './testing/small.ts';

const SYMBOLS = [
  [2, 5, 3, 6, 1],
  [4, 2, 0, 0, 0],
  [6, 6, 3, 0, 0],
  [5, 0, 0, 0, 0],
];
const LABELS = [0, 2, 1, 1];
const TOLERANCE = 1e-5;

const { describeOn } = await nativeGate(() => chooseBackend('tensorflow'));

interface Expected {
  readonly logits: readonly number[];
  readonly loss: number;
  readonly state: Readonly<Record<string, readonly number[]>>;
  readonly gradients: Readonly<Record<string, readonly number[]>>;
}

/** Expects values that are equal to 1e-5 of the largest. */
function expectClose(found: ArrayLike<number>, expected: readonly number[]): void {
  expect(found).toHaveLength(expected.length);
  const errors = expected.map((value, index) => Math.abs(found[index]! - value));
  expect(largest(errors)).toBeLessThan(TOLERANCE * Math.max(1, largest(expected.map(Math.abs))));
}

describeOn(['cpu', 'tensorflow'], 'on %s', (backend) => {
  beforeAll(() => chooseBackend(backend));

  it.each(Object.entries(reference as Record<string, Expected>))(
    'logits, loss and gradients equal PyTorch: %s',
    (name, expected) => {
      tf.tidy(() => {
        const [channels, pooling] = name.split(', ') as [string, string];
        const model = smallModel(`model.embedding=${channels}`, `model.pooling=${pooling}`);
        const { words, classNames, ...state } = model.stateDict();
        expect(Object.fromEntries(Object.entries(state).map(([key, { shape }]) => [key, shape]))).toEqual(
          expected.state,
        );
        const given = Object.entries(expected.state).map(
          ([key, shape], index) => [key, formula(index, shape, 0.5)] as const,
        );
        model.loadStateDict({ ...Object.fromEntries(given), words: words!, classNames: classNames! });
        const symbols = tf.tensor2d(SYMBOLS, [4, 5], 'int32');
        const labels = tf.tensor1d(LABELS, 'int32');
        expectClose(model.forward(symbols).dataSync(), expected.logits);
        const { terms, gradients } = valueAndGradients(
          () => classificationLoss(model.forward(symbols), labels),
          model.namedParameters(),
        );
        expectClose(terms.loss.dataSync(), [expected.loss]);
        // Gradients in the layout of the checkpoints.
        for (const [key, parameter] of model.namedParameters()) parameter.assign(gradients[key]!);
        const inPyTorch = model.stateDict();
        for (const [key, values] of Object.entries(expected.gradients)) expectClose(inPyTorch[key]!.dataSync(), values);
        model.dispose();
      });
    },
  );
});
