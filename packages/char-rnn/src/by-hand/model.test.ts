import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RandomNumbers } from '@motley/run';
import { describe, expect, it } from 'vitest';
import { crossEntropy } from './loss.ts';
import type { NumberType } from './matrices.ts';
import { RecurrentNetwork, type Window } from './model.ts';

const sizes = { vocabularySize: 6, hiddenSize: 5, layers: 2 };
const window = { streams: 2, steps: 7 };
const random = RandomNumbers.fromSeed(5);
const inputs = random.integers(14, 0, 6);
const targets = random.integers(14, 0, 6);

/** A network with initial weights, and biases that are not 0. */
function network(type: NumberType, extent: Window = window): RecurrentNetwork {
  const made = new RecurrentNetwork(sizes, extent, type);
  made.initialize(RandomNumbers.fromSeed(1));
  for (const { name, value } of made.parameters)
    if (name.includes('bias')) made.memory.valuesOf(value).set(random.fork(name).normalValues(value.columns));
  made.updateTransposes();
  return made;
}

/** Sets an initial state that is not 0. */
function setState(made: RecurrentNetwork): void {
  for (let layer = 0; layer < sizes.layers; layer++) {
    const state = made.state(layer);
    state.set(random.fork(`state ${layer}`).uniformValues(state.length, -1, 1));
  }
}

const lossOf = (made: RecurrentNetwork) => crossEntropy(made.memory.valuesOf(made.forward(inputs)), targets);

function differentiate(made: RecurrentNetwork): number {
  const logits = made.forward(inputs);
  const loss = crossEntropy(made.memory.valuesOf(logits), targets, 1 / inputs.length);
  made.backward(inputs, logits);
  return loss;
}

describe('RecurrentNetwork', () => {
  it('has gradients equal to finite differences for every parameter', () => {
    const made = network('float64');
    setState(made);
    differentiate(made);
    const epsilon = 1e-5;
    let checked = 0;
    for (const { value, gradient } of made.parameters) {
      const [values, gradients] = [made.memory.valuesOf(value), made.memory.valuesOf(gradient)];
      for (const [index, derivative] of gradients.entries()) {
        const before = values[index]!;
        const [above, below] = [before + epsilon, before - epsilon].map((moved) => {
          values[index] = moved;
          made.updateTransposes();
          return lossOf(made);
        });
        values[index] = before;
        expect(Math.abs(derivative - (above! - below!) / (2 * epsilon))).toBeLessThan(
          1e-6 * Math.max(1e-2, Math.abs(derivative)),
        );
        checked++;
      }
    }
    expect(checked).toBe(made.parameterCount());
  });

  it.each([
    ['float64', 1e-6],
    ['float32', 1e-5],
  ] as const)("equals PyTorch's nn.RNN in outputs, state and gradients, %s", (type, tolerance) => {
    const reference = JSON.parse(readFileSync(join(import.meta.dirname, 'reference.json'), 'utf8')) as Reference;
    const made = new RecurrentNetwork(reference.sizes, reference.window, type);
    for (const { name, value } of made.parameters) made.memory.valuesOf(value).set(reference.weights[name]!);
    made.updateTransposes();
    for (const [layer, state] of reference.state.entries()) made.state(layer).set(state);
    const [read, next] = [Int32Array.from(reference.inputs), Int32Array.from(reference.targets)];
    const logits = made.forward(read);
    const values = made.memory.valuesOf(logits);
    expectClose(values, reference.logits, tolerance);
    expect(Math.abs(crossEntropy(values, next, 1 / read.length) - reference.loss)).toBeLessThan(tolerance);
    made.backward(read, logits);
    for (const { name, gradient } of made.parameters)
      expectClose(made.memory.valuesOf(gradient), reference.gradients[name]!, tolerance);
    made.carryState(reference.window.steps);
    for (const [layer, state] of reference.lastState.entries()) expectClose(made.state(layer), state, tolerance);
  });

  it('gives the same logits in pieces as at once, and for a stream alone as in a batch', () => {
    const whole = network('float64');
    const logits = [...whole.memory.valuesOf(whole.forward(inputs))];
    const alone = network('float64', { streams: 1, steps: 3 });
    for (const stream of [0, 1]) {
      alone.resetState();
      for (const piece of [
        [0, 1, 2],
        [3, 4],
        [5, 6],
      ]) {
        const read = Int32Array.from(piece, (step) => inputs[2 * step + stream]!);
        const own = alone.memory.valuesOf(alone.forward(read));
        for (const [index, step] of piece.entries())
          for (let symbol = 0; symbol < 6; symbol++)
            expect(own[6 * index + symbol]).toBeCloseTo(logits[6 * (2 * step + stream) + symbol]!, 12);
        alone.carryState(piece.length);
      }
    }
  });

  it('draws initial weights by seed, with a variance of 1 / inputs', () => {
    const made = new RecurrentNetwork({ vocabularySize: 50, hiddenSize: 200, layers: 2 }, window);
    made.initialize(RandomNumbers.fromSeed(2));
    const again = new RecurrentNetwork({ vocabularySize: 50, hiddenSize: 200, layers: 2 }, window);
    again.initialize(RandomNumbers.fromSeed(2));
    for (const [index, { name, shape, value }] of made.parameters.entries()) {
      const values = made.memory.valuesOf(value);
      expect(values).toEqual(again.memory.valuesOf(again.parameters[index]!.value));
      const squares = Array.from(values, (each) => each ** 2);
      const deviation = Math.sqrt(squares.reduce((sum, each) => sum + each, 0) / squares.length);
      // The first layer's inputs are one-hot.
      const inputs = name === 'rnn.weight_ih_l0' ? 1 : shape[1];
      if (inputs === undefined) expect(deviation, name).toBe(0);
      else expect(deviation * Math.sqrt(inputs), name).toBeCloseTo(1, 1);
    }
  });
});

interface Reference {
  readonly sizes: { readonly vocabularySize: number; readonly hiddenSize: number; readonly layers: number };
  readonly window: Window;
  readonly weights: Readonly<Record<string, readonly number[]>>;
  readonly state: readonly (readonly number[])[];
  readonly inputs: readonly number[];
  readonly targets: readonly number[];
  readonly logits: readonly number[];
  readonly loss: number;
  readonly gradients: Readonly<Record<string, readonly number[]>>;
  readonly lastState: readonly (readonly number[])[];
}

function expectClose(actual: ArrayLike<number>, expected: readonly number[], tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  for (const [index, value] of expected.entries())
    expect(Math.abs(actual[index]! - value)).toBeLessThan(tolerance * Math.max(1, Math.abs(value)));
}
