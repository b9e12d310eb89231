import { RandomStream, valueAndGradients } from '@motley/core';
import { chooseBackend } from '@motley/core/node';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { charRnnLoss, surprisal } from './loss.ts';
import { CharLstm } from './model.ts';
import reference from './reference.json' with { type: 'json' };
import { describeOn } from './testing/native.ts';

const [STREAMS, LENGTH, SYMBOLS, UNITS, LAYERS] = [3, 5, 7, 4, 2];
const settings = { units: UNITS, layers: LAYERS, dropout: 0.5, recurrence: 'fused' } as const;
const vocabulary = Int32Array.from({ length: SYMBOLS }, (_, symbol) => 97 + symbol);

/** As in reference.py. */
function formula(seed: number, shape: readonly number[], scale: number): tf.Tensor {
  const count = tf.util.sizeFromShape([...shape]);
  return tf.tensor(
    Float32Array.from({ length: count }, (_, position) => Math.sin(position * 0.37 + seed) * scale),
    [...shape],
  );
}

function expectClose(found: tf.Tensor, expected: readonly number[]): void {
  const values = found.dataSync();
  expect(values).toHaveLength(expected.length);
  for (const [index, value] of expected.entries()) expect(Math.abs(values[index]! - value)).toBeLessThan(1e-5);
}

const text = () => tf.tensor2d(reference.text, [STREAMS, LENGTH + 1], 'int32');
const symbols = () => tf.slice(text(), [0, 0], [STREAMS, LENGTH]);
const next = () => tf.slice(text(), [0, 1], [STREAMS, LENGTH]);
const states = () =>
  Array.from({ length: LAYERS }, (_, layer) => ({
    hidden: formula(20 + layer, [STREAMS, UNITS], 0.5),
    cell: formula(30 + layer, [STREAMS, UNITS], 0.8),
  }));

describeOn(['cpu', 'tensorflow'], 'on %s', (backend) => {
  beforeAll(() => chooseBackend(backend));

  it.each(['fused', 'equations'] as const)('%s equals PyTorch in values and gradients', (recurrence) => {
    const model = new CharLstm({ ...settings, recurrence }, vocabulary, RandomStream.fromSeed(0));
    tf.tidy(() => {
      for (const [index, parameter] of [...model.namedParameters().values()].entries())
        parameter.assign(formula(index, parameter.shape, 0.6));
      const output = model.forward(symbols(), states());
      expect(output.logits.shape).toEqual([STREAMS, LENGTH, SYMBOLS]);
      expectClose(output.logits, reference.logits);
      for (const [layer, { hidden, cell }] of reference.states.entries()) {
        expectClose(output.states[layer]!.hidden, hidden);
        expectClose(output.states[layer]!.cell, cell);
      }
      const loss = () => charRnnLoss(model.forward(symbols(), states()).logits, next());
      const { terms, gradients } = valueAndGradients(loss, model.namedParameters());
      expectClose(terms.loss, [reference.loss]);
      expectClose(tf.mean(surprisal(output.logits, next())), [reference.loss]);
      expect(Object.keys(gradients)).toEqual(Object.keys(reference.gradients));
      for (const [name, { shape, values }] of Object.entries(reference.gradients)) {
        expect(gradients[name]!.shape).toEqual(shape);
        expectClose(gradients[name]!, values);
      }
    });
    model.dispose();
  });

  it('reads a text in two pieces as in one', () => {
    const model = new CharLstm(settings, vocabulary, RandomStream.fromSeed(0));
    tf.tidy(() => {
      const whole = model.forward(text(), model.initialStates(STREAMS));
      const first = model.forward(tf.slice(text(), [0, 0], [STREAMS, 2]), model.initialStates(STREAMS));
      const second = model.forward(tf.slice(text(), [0, 2], [STREAMS, LENGTH - 1]), first.states);
      expectClose(tf.concat([first.logits, second.logits], 1), [...whole.logits.dataSync()]);
      expectClose(second.states[1]!.cell, [...whole.states[1]!.cell.dataSync()]);
    });
    model.dispose();
  });

  it('applies dropout to each layer only when given random numbers', () => {
    const model = new CharLstm(settings, vocabulary, RandomStream.fromSeed(0));
    tf.tidy(() => {
      const logits = (random?: RandomStream) => {
        return [...model.forward(symbols(), states(), random).logits.dataSync()];
      };
      const plain = logits();
      expect(logits(RandomStream.fromSeed(1))).not.toEqual(plain);
      expect(logits(RandomStream.fromSeed(1))).toEqual(logits(RandomStream.fromSeed(1)));
      model.eval();
      expect(logits(RandomStream.fromSeed(1))).toEqual(plain);
    });
    model.dispose();
  });

  it('leaks no tensors', () => {
    const given = tf.tidy(() => ({ symbols: symbols(), next: next(), states: states() }));
    const before = tf.memory().numTensors;
    const model = new CharLstm(settings, vocabulary, RandomStream.fromSeed(0));
    const random = RandomStream.fromSeed(1);
    const loss = () => charRnnLoss(model.forward(given.symbols, given.states, random).logits, given.next);
    const { terms, gradients } = valueAndGradients(loss, model.namedParameters());
    tf.dispose([terms, gradients]);
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose(given);
  });
});
