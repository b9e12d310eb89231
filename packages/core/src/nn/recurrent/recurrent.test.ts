import { largest } from '@motley/run';
import { compile } from '@motley/tensorflow';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { RandomStream } from '../../random/random-stream.ts';
import { describeNative, describeOn } from '../../testing/native.ts';
import { valueAndGradients } from '../../train/value-and-gradients.ts';
import { type Backend, BACKENDS, fromNumbers, startBackend, type Numbers } from '../testing.ts';
import { GruCell, LstmCell } from './cells.ts';
import reference from './reference.json' with { type: 'json' };
import { Gru, Lstm, type RecurrentStackOptions } from './stack.ts';

const options: RecurrentStackOptions = { random: RandomStream.fromSeed(1) };
const stacked = { ...options, numLayers: 2, bidirectional: true };
const lengths = () => tf.tensor1d(reference.lengths, 'int32');

/** Results of a layer as a list, outputs first. */
type Forward = (input: tf.Tensor, initial: tf.Tensor[], lengths: tf.Tensor | undefined) => tf.Tensor[];

/**
 * Compares shapes, and values with a tolerance of 1e-5 times the largest expected value, or 1e-5 where that is below 1.
 */
function expectClose(found: tf.Tensor, expected: Numbers | tf.Tensor): void {
  const values = expected instanceof tf.Tensor ? [...expected.dataSync()] : expected.values;
  expect(found.shape).toEqual(expected.shape);
  const differences = Array.from(found.dataSync(), (value, index) => Math.abs(value - values[index]!));
  expect(Math.max(0, largest(differences))).toBeLessThan(1e-5 * Math.max(1, largest(values.map(Math.abs))));
}

type Case = 'lstm' | 'lstmStack' | 'gru' | 'gruStack';

function layerOf(name: Case): { readonly layer: Lstm | Gru; readonly forward: Forward; readonly isMasked: boolean } {
  const isMasked = name.endsWith('Stack');
  const [units, settings] = isMasked ? [2, stacked] : [3, options];
  if (name.startsWith('lstm')) {
    const layer = new Lstm(2, units, settings);
    const forward: Forward = (input, [hidden, cell], given) =>
      Object.values(layer.forward(input, { lengths: given, state: { hidden: hidden!, cell: cell! } }));
    return { layer, forward, isMasked };
  }
  const layer = new Gru(2, units, settings);
  const forward: Forward = (input, [hidden], given) => Object.values(layer.forward(input, { lengths: given, hidden }));
  return { layer, forward, isMasked };
}

/** Results, and the gradients of Σ weights · results with respect to input, initial states and parameters. */
function differentiate(name: Case) {
  const { layer, forward, isMasked } = layerOf(name);
  const { parameters, weights, input, initial } = reference[name] as unknown as {
    parameters: Record<string, Numbers>;
    weights: Numbers[];
    input: Numbers;
    initial: Numbers[];
  };
  const state = Object.fromEntries(Object.entries(parameters).map(([key, value]) => [key, fromNumbers(value)]));
  layer.loadStateDict(state);
  tf.dispose(state);
  const given = isMasked ? lengths() : undefined;
  const factors = weights.map(fromNumbers);
  const run = (x: tf.Tensor, ...first: tf.Tensor[]) => {
    const loss = (...all: tf.Tensor[]) =>
      forward(all[0]!, all.slice(1), given)
        .map((result, index) => tf.sum(tf.mul(result, factors[index]!)))
        .reduce((total, each) => tf.add(total, each));
    const { gradients } = valueAndGradients(() => ({ loss: loss(x, ...first) }), layer.namedParameters());
    return { results: forward(x, first, given), ofInputs: tf.grads(loss)([x, ...first]), gradients };
  };
  const inputs = [input, ...initial].map(fromNumbers) as [tf.Tensor, ...tf.Tensor[]];
  return { layer, run, inputs };
}

function expectReference(name: Case, found: ReturnType<ReturnType<typeof differentiate>['run']>): void {
  const expected = reference[name];
  found.results.forEach((result, index) => {
    expectClose(result, expected.results[index]!);
  });
  const ofInputs = [expected.inputGradient, ...expected.initialGradients];
  found.ofInputs.forEach((gradient, index) => {
    expectClose(gradient, ofInputs[index]!);
  });
  expect(Object.keys(found.gradients)).toEqual(Object.keys(expected.gradients));
  for (const [key, gradient] of Object.entries(expected.gradients)) expectClose(found.gradients[key]!, gradient);
}

const CASES = ['lstm', 'lstmStack', 'gru', 'gruStack'] as const;

describeOn(BACKENDS, 'recurrent layers on %s', (backend) => {
  beforeAll(async () => {
    await startBackend(backend);
  });

  it.each(CASES)('%s matches the results and gradients of PyTorch and leaks no tensors', (name) => {
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const { layer, run, inputs } = differentiate(name);
      expectReference(name, run(...inputs));
      layer.dispose();
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each(['lstmStack', 'gruStack'] as const)('%s ignores what the padding holds', (name) => {
    tf.tidy(() => {
      const { layer, run, inputs } = differentiate(name);
      const [input, ...initial] = inputs;
      const steps = tf.reshape(tf.range(0, input.shape[1]!, 1, 'int32'), [1, -1, 1]);
      const isPadding = tf.greaterEqual(steps, tf.reshape(lengths(), [-1, 1, 1]));
      for (const value of [NaN, Infinity])
        expectReference(name, run(tf.where(isPadding, tf.fill(input.shape, value), input), ...initial));
      layer.dispose();
    });
  });

  it('an LSTM equals its cell applied step by step', () => {
    tf.tidy(() => {
      const cell = new LstmCell(3, 4, options);
      const layer = new Lstm(3, 4, options);
      layer.loadStateDict(
        Object.fromEntries([...cell.namedParameters()].map(([name, value]) => [`${name}_l0`, value])),
      );
      const input = RandomStream.fromSeed(2).normal([2, 6, 3]);
      let state = { hidden: tf.zeros([2, 4]), cell: tf.zeros([2, 4]) };
      const outputs = tf.unstack(input, 1).map((each) => (state = cell.forward(each, state)).hidden);
      const found = layer.forward(input);
      expectClose(found.output, tf.stack(outputs, 1));
      expectClose(tf.squeeze(found.cell, [0]), state.cell);
      layer.dispose();
      cell.dispose();
    });
  });

  it('a GRU equals its cell applied step by step', () => {
    tf.tidy(() => {
      const cell = new GruCell(3, 4, options);
      const layer = new Gru(3, 4, options);
      layer.loadStateDict(
        Object.fromEntries([...cell.namedParameters()].map(([name, value]) => [`${name}_l0`, value])),
      );
      const input = RandomStream.fromSeed(2).normal([2, 6, 3]);
      let hidden: tf.Tensor = tf.zeros([2, 4]);
      const outputs = tf.unstack(input, 1).map((each) => (hidden = cell.forward(each, hidden)));
      expectClose(layer.forward(input).output, tf.stack(outputs, 1));
      layer.dispose();
      cell.dispose();
    });
  });

  it('lengths of another shape or dtype are refused', () => {
    const layer = new Gru(2, 3, options);
    const input = tf.zeros([2, 4, 2]);
    expect(() => layer.forward(input, { lengths: tf.tensor1d([1, 2, 3], 'int32') })).toThrow(
      'lengths: expected int32 [2], got int32 [3]',
    );
    expect(() => layer.forward(input, { lengths: tf.tensor1d([1, 2]) })).toThrow('got float32 [2]');
    layer.dispose();
  });
});

describe('dropout between recurrent layers', () => {
  beforeAll(async () => {
    await startBackend('cpu');
  });

  it('drops outputs of the first layer in training mode, and requires noise', () => {
    tf.tidy(() => {
      const layer = new Lstm(2, 3, { ...options, numLayers: 2, dropout: 0.5 });
      const plain = new Lstm(2, 3, { ...options, numLayers: 2 });
      plain.loadStateDict(layer.stateDict());
      const input = RandomStream.fromSeed(4).normal([2, 5, 2]);
      expect(() => layer.forward(input)).toThrow("dropout 0.5 between layers: expected the step's random, got none");
      const dropped = layer.forward(input, { random: RandomStream.fromSeed(5) });
      const kept = plain.forward(input);
      // The final state of the first layer precedes the dropout; that of the second layer follows it.
      const [below, above] = [0, 1].map((index) =>
        tf.max(tf.abs(tf.sub(tf.gather(dropped.hidden, index), tf.gather(kept.hidden, index)))).dataSync(),
      );
      expect(below![0]).toBe(0);
      expect(above![0]).toBeGreaterThan(0.01);
      layer.eval();
      expectClose(layer.forward(input).output, kept.output);
      layer.dispose();
      plain.dispose();
    });
  });
});

describe('recurrent layers by finite differences', () => {
  beforeAll(async () => {
    await startBackend('cpu');
  });

  it.each(CASES)('%s', (name) => {
    tf.tidy(() => {
      const { layer, run, inputs } = differentiate(name);
      const { ofInputs } = run(...inputs);
      const weights = reference[name].weights;
      const objective = (x: Float32Array): number => {
        const { results } = run(tf.tensor(x, inputs[0].shape), ...inputs.slice(1));
        const terms = results.map((result, index) => tf.sum(tf.mul(result, fromNumbers(weights[index]!))));
        return terms.reduce((sum, term) => sum + term.dataSync()[0]!, 0);
      };
      const x = inputs[0].dataSync<'float32'>();
      const found = ofInputs[0]!.dataSync();
      for (const index of [0, 3, 7, 11]) {
        const shifted = (by: number) => objective(x.map((value, i) => (i === index ? value + by : value)));
        expect(found[index]).toBeCloseTo((shifted(0.01) - shifted(-0.01)) / 0.02, 2);
      }
      layer.dispose();
    });
  });
});

describeNative('recurrent layers in a compiled function', () => {
  beforeAll(async () => {
    await startBackend('tensorflow');
  });

  it.each(['grappler', 'xla'] as const)('match the values and gradients of PyTorch (%s)', (engine) => {
    tf.tidy(() => {
      for (const name of ['lstmStack', 'gruStack'] as const) {
        const { layer, run, inputs } = differentiate(name);
        const fast = compile(run, { engine });
        expectReference(name, fast(...inputs));
        fast.dispose();
        layer.dispose();
      }
    });
  });

  it('match the values and gradients of the JavaScript loop over many steps', async () => {
    const run = (x: tf.Tensor, layer: Lstm | Gru) =>
      valueAndGradients(() => ({ loss: tf.mean(tf.square(layer.forward(x).output)) }), layer.namedParameters())
        .gradients;
    const read = async (backend: Backend) => {
      await startBackend(backend);
      const random = RandomStream.fromSeed(6);
      const values = new Map<string, Float32Array>();
      for (const [name, Layer] of Object.entries({ lstm: Lstm, gru: Gru })) {
        const layer = new Layer(3, 16, { random });
        const input = tf.tensor(random.normalValues(480), [4, 40, 3]);
        const gradients = tf.tidy(() => run(input, layer));
        for (const [key, gradient] of Object.entries(gradients))
          values.set(`${name}.${key}`, gradient.dataSync<'float32'>());
        tf.dispose([input, gradients]);
        layer.dispose();
      }
      return values;
    };
    const expected = await read('cpu');
    const found = await read('tensorflow');
    expect([...found.keys()]).toEqual([...expected.keys()]);
    for (const [key, values] of expected) {
      const most = largest(values.map(Math.abs));
      const difference = largest(values.map((value, index) => Math.abs(value - found.get(key)![index]!)));
      expect(difference / most, key).toBeLessThan(1e-5);
    }
  });

  it('run as one function each in eager mode too, in constant memory', () => {
    const layer = new Lstm(2, 3, options);
    const input = RandomStream.fromSeed(3).normal([2, 4, 2]);
    const loss = () => ({ loss: tf.sum(layer.forward(input, { lengths: lengths().slice(1) }).output) });
    const step = () => {
      tf.tidy(() => {
        valueAndGradients(loss, layer.namedParameters()).terms.loss.dataSync();
      });
    };
    step();
    const before = tf.memory();
    for (let count = 0; count < 50; count++) step();
    expect(tf.memory()).toEqual(before);
    layer.dispose();
    input.dispose();
  });

  it('have a graph of the same size for 200 steps as for 20', () => {
    const layer = new Lstm(2, 3, options);
    const step = compile((x: tf.Tensor) => {
      const loss = () => ({ loss: tf.sum(layer.forward(x).output) });
      return valueAndGradients(loss, layer.namedParameters()).gradients;
    });
    const linesFor = (time: number) => step.dump('rewritten', tf.ones([1, time, 2])).split('\n').length;
    expect(linesFor(200)).toBe(linesFor(20));
    layer.dispose();
  });
});
